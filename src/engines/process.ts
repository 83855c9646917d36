import type { ProcessAction } from '../domain/dag/action.js'
import {
  type AttemptExit,
  type AttemptReport,
  type Machine,
  MachineError,
  type StartAnswer,
} from '../machines/machine.js'
import { Wake } from '../platform/wake.js'
import { Collector, type ReadStream } from './collector.js'
import { Contact } from './contact.js'
import { type Assignment, type Control, DetachedError, type Engine, type EngineResult, failedWith } from './engine.js'
import { exitMessage } from './exit-message.js'
import { processSpec } from './process-spec.js'
import { MAX_OUTPUT_BYTES, OutputError, readOutput } from './read-output.js'
import { UsageMeter } from './usage-meter.js'
import { type Evidence, judge } from './verdict/judge.js'
import type { CompilePattern } from './verdict/match-rules.js'

/** How long a wait for news of the attempt lasts at most: its output is looked at that often. */
const TICK_MS = 200
/** A hint of an exit may get lost; the spool is asked that often anyway. */
const PROBE_EVERY_TICKS = 10

type Begun = Extract<StartAnswer, { kind: 'STARTED' | 'EXISTS' }>
type Ended = Exclude<AttemptReport, { kind: 'RUNNING' }>

/** Commands and scripts, as a process on a machine. */
export class ProcessEngine implements Engine {
  /** `compile`: patterns of verdicts. */
  constructor(private readonly compile: CompilePattern) {}

  async execute(assignment: Assignment, control: Control): Promise<EngineResult> {
    const { machine } = assignment
    if (machine === null) return failedWith('NOT_STARTED', 'Its machine is none that this server reaches')
    return new ProcessAttempt(assignment, control, machine, this.compile).run()
  }
}

class ProcessAttempt {
  readonly #wake = new Wake()
  readonly #collector: Collector
  #isStopping = false
  readonly #contact: Contact
  readonly #meter: UsageMeter

  constructor(
    private readonly assignment: Assignment,
    private readonly control: Control,
    private readonly machine: Machine,
    private readonly compile: CompilePattern,
  ) {
    this.#contact = new Contact(control)
    this.#meter = new UsageMeter(assignment.sampled)
    const read: ReadStream = (...part) => this.#contact.ask(() => machine.read(assignment, ...part))
    this.#collector = new Collector(read, control)
  }

  async run(): Promise<EngineResult> {
    const wake = () => this.#wake.set()
    const stopListening = this.machine.onExit((ref) => {
      if (ref.instanceId === this.assignment.instanceId) wake()
    })
    const stopMeasuring = this.machine.onSample(this.assignment, (sample) => {
      if (this.#meter.add(sample)) this.control.sampled(sample)
    })
    this.control.stop.addEventListener('abort', wake)
    try {
      const answer = await this.#start()
      if ('outcome' in answer) return answer
      return await this.#end(await this.#waitForExit(answer.kind === 'STARTED'))
    } finally {
      this.#contact.end()
      stopListening()
      stopMeasuring()
      this.control.stop.removeEventListener('abort', wake)
    }
  }

  /** That it runs, or ran; otherwise why it does not. */
  async #start(): Promise<Begun | EngineResult> {
    const spec = processSpec(this.assignment, this.assignment.action as ProcessAction)
    if (this.control.stop.aborted) await this.#askToStop()
    let answer: StartAnswer
    try {
      answer = await this.#contact.ask(() => this.machine.start(spec), isRefusal)
    } catch (error) {
      if (!isRefusal(error)) throw error
      return failedWith(error.isRetryable ? 'NOT_STARTED' : 'ERRORED', error.message)
    }
    switch (answer.kind) {
      case 'STARTED':
        this.#tellStarted(answer.pid)
        return answer
      case 'EXISTS':
        return answer
      case 'FENCED':
        return failedWith('LOST', `A later attempt (fence ${answer.fence}) has this instance`)
      case 'EARLIER_ALIVE':
        return failedWith(
          'NOT_STARTED',
          `An earlier attempt (fence ${answer.fence}) still lives as process ${answer.pid}`,
        )
    }
  }

  /** Not waited for: the command runs already, and its end may be here before the commit is. */
  #tellStarted(pid: number): void {
    void this.control.started(pid)
  }

  async #waitForExit(isKnownToRun: boolean): Promise<Ended> {
    let isHinted = !isKnownToRun
    const first = isKnownToRun ? 1 : 0
    for (let tick = first; ; tick += 1) {
      if (isHinted || tick % PROBE_EVERY_TICKS === 0) {
        const report = await this.#contact.ask(() => this.machine.probe(this.assignment))
        if (report.kind !== 'RUNNING') return report
        if (tick === 0) this.#tellStarted(report.pid)
      }
      if (this.control.stop.aborted) this.#stop()
      // After a hint the end is near, which collects the rest anyway.
      const isMore = !isHinted && tick > first && (await this.#collect())
      isHinted = await this.#wake.wait(isMore ? 0 : TICK_MS, this.control.detach)
      if (this.control.detach.aborted) throw new DetachedError()
    }
  }

  async #collect(): Promise<boolean> {
    return this.#collector.collect(await this.#contact.ask(() => this.machine.outputSizes(this.assignment)))
  }

  #stop(): void {
    if (this.#isStopping) return
    this.#isStopping = true
    this.#askToStop().then(
      () => this.#wake.set(),
      () => undefined,
    )
  }

  #askToStop(): Promise<void> {
    return this.#contact.ask(() => this.machine.stop(this.assignment, this.assignment.graceMs))
  }

  async #end(report: Ended): Promise<EngineResult> {
    if (report.kind === 'ABSENT') {
      return this.control.stop.aborted
        ? failedWith('NOT_STARTED', 'Stopped before it was started')
        : failedWith('LOST', 'The machine knows nothing of the attempt any more')
    }
    const isExited = report.kind === 'EXITED'
    const sizes = isExited ? { STDOUT: report.exit.stdoutBytes, STDERR: report.exit.stderrBytes } : null
    await this.#collector.collectAll(sizes)
    const ended = isExited ? await this.#judged(report.exit) : failedWith('LOST', report.reason)
    const usage = this.#meter.usage(isExited ? report.exit : null)
    const result = usage === null ? ended.result : { ...ended.result, usage }
    return { ...ended, result, dispose: () => this.machine.forget(this.assignment) }
  }

  /** What it found out is asked however it ended, unless it was stopped. */
  async #judged(exit: AttemptExit): Promise<EngineResult> {
    const ended = await this.#exited(exit)
    const { verdict: plan } = this.assignment.action as ProcessAction
    if (plan === undefined || exit.cause === 'STOPPED') return ended
    const evidence: Evidence = {
      sizes: { STDOUT: exit.stdoutBytes, STDERR: exit.stderrBytes },
      read: (...part) => this.#contact.ask(() => this.machine.read(this.assignment, ...part)),
      readReport: (...part) => this.#contact.ask(() => this.machine.readReport(this.assignment, ...part)),
    }
    const { verdict, reason } = await judge(plan, evidence, this.compile)
    return { ...ended, verdict, result: { ...ended.result, errorMessage: ended.result.errorMessage ?? reason } }
  }

  async #exited(exit: AttemptExit): Promise<EngineResult> {
    const { exitCode, cause, cpuSeconds } = exit
    const outcome = cause === 'EXITED' ? (exitCode === 0 ? 'SUCCEEDED' : 'FAILED') : cause
    const result = { exitCode, cpuSeconds, errorMessage: exitMessage(exit, this.assignment.timeoutMs) }
    if (outcome !== 'SUCCEEDED') return { outcome, result, output: null }
    try {
      const bytes = await this.#contact.ask(() => this.machine.readOutput(this.assignment, MAX_OUTPUT_BYTES))
      return { outcome, result, output: readOutput(bytes, (text) => this.control.masked(text)) }
    } catch (error) {
      if (!(error instanceof OutputError)) throw error
      return { outcome: 'FAILED', result: { ...result, errorMessage: error.message }, output: null }
    }
  }
}

/** The machine was reached, and says that it cannot be done. */
function isRefusal(error: unknown): error is MachineError {
  return error instanceof MachineError && error.code !== 'UNREACHABLE'
}
