import { access } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { ThreadAction } from '../domain/dag/action.js'
import type { Json } from '../domain/json.js'
import type { AttemptOutcome, ConditionScope } from '../domain/run/commands.js'
import type { AttemptSample, OutputStream } from '../machines/machine.js'
import { monotonicMs } from '../platform/clock.js'
import { Slots } from '../platform/slots.js'
import { workerFile } from '../platform/worker-file.js'
import { type Assignment, type Control, DetachedError, type Engine, type EngineResult, failedWith } from './engine.js'
import { environmentOf } from './process-spec.js'
import { OutputError, readOutput } from './read-output.js'
import type { ThreadMessage, ThreadTask } from './thread-messages.js'
import { cpuSecondsOf } from './thread-usage.js'
import { MAX_TIMER_MS, timeoutMessage } from './timeout.js'
import { UsageMeter } from './usage-meter.js'

const MIB = 2 ** 20

export interface ThreadSettings {
  /** Where the modules are; null: nowhere, and no thread is begun. */
  readonly modulesDir: string | null
  /** At a time in this process; the others wait their turn. */
  readonly maxThreads: number
  /** Between samples; null: none is taken. */
  readonly sampleSeconds: number | null
}

/**
 * Functions of Node.js modules, each call in a worker thread of its own with a bound on its heap. The modules are those in
 * the server's folder, where its administrator puts them: a DAG file names what is called and brings no code of its own
 * into this process. As with a request, nobody finds the call again after this process.
 */
export class ThreadEngine implements Engine {
  readonly #slots: Slots

  /** `resolve` replaces `{ $value: <CEL> }`; it throws with the reason. */
  constructor(
    private readonly settings: ThreadSettings,
    private readonly resolve: (value: Json, scope: ConditionScope) => Json,
  ) {
    this.#slots = new Slots(settings.maxThreads, Number.POSITIVE_INFINITY)
  }

  async execute(assignment: Assignment, control: Control): Promise<EngineResult> {
    let task: ThreadTask
    try {
      task = await this.#task(assignment.action as ThreadAction, assignment.scope)
    } catch (error) {
      return failedWith('ERRORED', `The thread cannot be begun: ${(error as Error).message}`)
    }
    const left = AbortSignal.any([control.stop, control.detach])
    try {
      return await this.#slots.run(() => new ThreadAttempt(assignment, control, task).run(), left)
    } catch (error) {
      if (error !== left.reason) throw error
      if (control.detach.aborted) throw new DetachedError()
      return failedWith('NOT_STARTED', 'Stopped before it was begun')
    }
  }

  async #task({ file: name, export: exported, input }: ThreadAction, scope: ConditionScope): Promise<ThreadTask> {
    const { modulesDir, sampleSeconds } = this.settings
    if (modulesDir === null) throw new Error('this server has no modules; an administrator sets DAGBOOK_MODULES_DIR')
    const file = path.join(modulesDir, name)
    await access(file).catch(() => {
      throw new Error(`${name} is not in DAGBOOK_MODULES_DIR of this server`)
    })
    const tellMs = sampleSeconds === null ? MAX_TIMER_MS : sampleSeconds * 1_000
    return { file: pathToFileURL(file).href, exported, input: this.resolve(input, scope), scope, tellMs }
  }
}

/** One call, from its thread's beginning to its end. */
class ThreadAttempt {
  readonly #meter = new UsageMeter(null)
  readonly #timers: NodeJS.Timeout[] = []
  #worker: Worker | undefined
  /** Why it was told to stop. */
  #stopped: Extract<AttemptOutcome, 'STOPPED' | 'TIMED_OUT'> | null = null
  #error: NodeJS.ErrnoException | null = null
  #end: Extract<ThreadMessage, { kind: 'RETURNED' | 'FAILED' }> | null = null
  #thread: string | null = null
  #cpuSeconds: number | null = null
  #memoryBytes = 0
  #beganMs = 0
  #sampledMs = 0
  #sampledCpuSeconds = 0

  constructor(
    private readonly assignment: Assignment,
    private readonly control: Control,
    private readonly task: ThreadTask,
  ) {}

  async run(): Promise<EngineResult> {
    // Durable before anything is called: an attempt that was never started can be repeated, whatever it would have done.
    await this.control.started(null)
    const worker = this.#begin()
    const { stop, detach } = this.control
    const onStop = () => this.#stop('STOPPED')
    const onDetach = () => void worker.terminate()
    stop.addEventListener('abort', onStop)
    detach.addEventListener('abort', onDetach)
    if (stop.aborted) onStop()
    if (detach.aborted) onDetach()
    try {
      const [exitCode] = await Promise.all([
        new Promise<number>((resolve) => worker.once('exit', resolve)),
        this.#keep('STDOUT', worker.stdout),
        this.#keep('STDERR', worker.stderr),
      ])
      if (detach.aborted) throw new DetachedError()
      return await this.#ended(exitCode)
    } finally {
      stop.removeEventListener('abort', onStop)
      detach.removeEventListener('abort', onDetach)
      for (const timer of this.#timers) clearTimeout(timer)
      await worker.terminate()
    }
  }

  #begin(): Worker {
    const { timeoutMs, action } = this.assignment
    const worker = new Worker(workerFile('engines/thread-worker'), {
      workerData: this.task,
      env: { ...environmentOf(this.assignment, (action as ThreadAction).environment), ...this.assignment.secrets },
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil((action as ThreadAction).memoryBytes / MIB) },
      stdout: true,
      stderr: true,
      execArgv: [],
    })
    this.#worker = worker
    worker.on('message', (message: ThreadMessage) => this.#told(message))
    worker.on('error', (error) => {
      this.#error ??= error
    })
    this.#beganMs = monotonicMs()
    this.#sampledMs = this.#beganMs
    if (timeoutMs !== null) this.#after(timeoutMs, () => this.#stop('TIMED_OUT'))
    if (this.task.tellMs < MAX_TIMER_MS) this.#timers.push(setInterval(() => this.#sample(), this.task.tellMs))
    return worker
  }

  #after(delayMs: number, act: () => void): void {
    this.#timers.push(setTimeout(act, Math.min(delayMs, MAX_TIMER_MS)))
  }

  /** A module may talk on the same port: what nobody here says is passed over. */
  #told(message: ThreadMessage): void {
    if (message.kind === 'BEGAN') this.#thread = message.thread
    else if (message.kind === 'USED') {
      this.#memoryBytes = message.memoryBytes
      this.#cpuSeconds = message.cpuSeconds
    } else if (message.kind === 'RETURNED' || message.kind === 'FAILED') this.#end ??= message
  }

  /** It has its grace to end by itself; a thread that does not listen is ended then. */
  #stop(why: 'STOPPED' | 'TIMED_OUT'): void {
    if (this.#stopped !== null || this.#end !== null) return
    this.#stopped = why
    this.#worker?.postMessage('stop')
    this.#after(this.assignment.graceMs, () => void this.#worker?.terminate())
  }

  async #keep(stream: OutputStream, readable: Readable): Promise<void> {
    for await (const bytes of readable) if (!this.control.isFull) await this.control.output(stream, bytes as Buffer)
  }

  /** Also of a thread that is too busy to tell. */
  #sample(): void {
    const now = monotonicMs()
    this.#cpuSeconds = (this.#thread === null ? null : cpuSecondsOf(this.#thread)) ?? this.#cpuSeconds
    const cpuSeconds = this.#cpuSeconds ?? 0
    const coveredMs = Math.max(1, now - this.#sampledMs)
    const sample: AttemptSample = {
      instanceId: this.assignment.instanceId,
      fence: this.assignment.fence,
      uptime: Math.round(os.uptime() * 100),
      ageMs: 0,
      coveredMs,
      cpuPercent: ((cpuSeconds - this.#sampledCpuSeconds) / coveredMs) * 100_000,
      memoryBytes: this.#memoryBytes,
      threads: 1,
      processes: 0,
      diskReadBytes: null,
      diskWriteBytes: null,
      host: { cpus: os.availableParallelism(), memoryBytes: os.totalmem(), availableBytes: os.freemem() },
    }
    this.#sampledMs = now
    this.#sampledCpuSeconds = cpuSeconds
    if (this.#meter.add(sample)) this.control.sampled(sample)
  }

  async #ended(code: number): Promise<EngineResult> {
    if (this.task.tellMs < MAX_TIMER_MS && this.#memoryBytes > 0) this.#sample()
    const durationMs = monotonicMs() - this.#beganMs
    const cpuSeconds = this.#cpuSeconds
    const usage = this.#meter.usage(cpuSeconds === null ? null : { cpuSeconds, durationMs })
    const end = await this.#outcome(code)
    return { ...end, result: { ...end.result, cpuSeconds, ...(usage === null ? {} : { usage }) } }
  }

  async #outcome(code: number): Promise<EngineResult> {
    const { timeoutMs } = this.assignment
    if (this.#stopped === 'STOPPED') return failedWith('STOPPED', 'Stopped')
    if (this.#stopped === 'TIMED_OUT') return failedWith('TIMED_OUT', timeoutMessage(timeoutMs))
    if (this.#error !== null) return failedWith('FAILED', await this.#reasonOf(this.#error))
    if (this.#end?.kind === 'FAILED') return failedWith('FAILED', this.#end.reason)
    if (this.#end === null) {
      const message = `Its thread ended with code ${code} before the function returned`
      return { outcome: 'FAILED', result: { exitCode: code, errorMessage: message, cpuSeconds: null }, output: null }
    }
    try {
      const output = readOutput(Buffer.from(this.#end.json))
      return { outcome: 'SUCCEEDED', result: { exitCode: null, errorMessage: null, cpuSeconds: null }, output }
    } catch (error) {
      if (!(error instanceof OutputError)) throw error
      return failedWith('FAILED', error.message)
    }
  }

  /** What nobody caught in the thread is told here only. */
  async #reasonOf(error: NodeJS.ErrnoException): Promise<string> {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      const { memoryBytes } = this.assignment.action as ThreadAction
      return `Used more memory than the ${memoryBytes / 1_000_000} MB that it may`
    }
    await this.control.output('STDERR', Buffer.from(`${error.stack ?? String(error)}\n`))
    return String(error)
  }
}
