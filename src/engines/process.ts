import { constants } from 'node:os'
import type { ProcessAction } from '../domain/dag/plan.js'
import {
  type AttemptExit,
  type AttemptReport,
  type Machine,
  MachineError,
  type StartAnswer,
} from '../machines/machine.js'
import { Wake } from '../platform/wake.js'
import { Collector } from './collector.js'
import { type Assignment, type Control, DetachedError, type Engine, type EngineResult, failedWith } from './engine.js'
import { processSpec } from './process-spec.js'
import { MAX_OUTPUT_BYTES, OutputError, readOutput } from './read-output.js'

/** How long a wait for news of the attempt lasts at most: its output is looked at that often. */
const TICK_MS = 200
/** A hint of an exit may get lost; the spool is asked that often anyway. */
const PROBE_EVERY_TICKS = 10
const CONTACT_RETRY_MS = 1_000

/** Commands and scripts, as a process on a machine. */
export const processEngine: Engine = {
  async execute(assignment, control) {
    const attempt = new ProcessAttempt(assignment, control, assignment.machine as Machine)
    return attempt.run()
  },
}

class ProcessAttempt {
  readonly #wake = new Wake()
  readonly #collector: Collector
  #isStopping = false

  constructor(
    private readonly assignment: Assignment,
    private readonly control: Control,
    private readonly machine: Machine,
  ) {
    this.#collector = new Collector(machine, assignment, control)
  }

  async run(): Promise<EngineResult> {
    const wake = () => this.#wake.set()
    const stopListening = this.machine.onExit((ref) => {
      if (ref.instanceId === this.assignment.instanceId) wake()
    })
    this.control.stop.addEventListener('abort', wake)
    try {
      const refusal = await this.#start()
      if (refusal !== null) return refusal
      return await this.#end(await this.#waitForExit())
    } finally {
      stopListening()
      this.control.stop.removeEventListener('abort', wake)
    }
  }

  /** Null when it runs, or ran; otherwise why it does not. */
  async #start(): Promise<EngineResult | null> {
    const spec = processSpec(this.assignment, this.assignment.action as ProcessAction)
    if (this.control.stop.aborted)
      await this.#contact(() => this.machine.stop(this.assignment, this.assignment.graceMs))
    let answer: StartAnswer
    try {
      answer = await this.#contact(() => this.machine.start(spec))
    } catch (error) {
      if (!(error instanceof MachineError)) throw error
      return failedWith(error.isRetryable ? 'NOT_STARTED' : 'ERRORED', error.message)
    }
    switch (answer.kind) {
      case 'STARTED':
        await this.control.started(answer.pid)
        return null
      case 'EXISTS':
        return null
      case 'FENCED':
        return failedWith('LOST', `A later attempt (fence ${answer.fence}) has this instance`)
      case 'EARLIER_ALIVE':
        return failedWith(
          'NOT_STARTED',
          `An earlier attempt (fence ${answer.fence}) still lives as process ${answer.pid}`,
        )
    }
  }

  async #waitForExit(): Promise<Exclude<AttemptReport, { kind: 'RUNNING' }>> {
    let isHinted = true
    for (let tick = 0; ; tick += 1) {
      if (isHinted || tick % PROBE_EVERY_TICKS === 0) {
        const report = await this.#contact(() => this.machine.probe(this.assignment))
        if (report.kind !== 'RUNNING') return report
        if (tick === 0) await this.control.started(report.pid)
      }
      if (this.control.stop.aborted) this.#stop()
      await this.#contact(() => this.#collector.collect())
      isHinted = await this.#wake.wait(TICK_MS, this.control.detach)
      if (this.control.detach.aborted) throw new DetachedError()
    }
  }

  #stop(): void {
    if (this.#isStopping) return
    this.#isStopping = true
    this.#contact(() => this.machine.stop(this.assignment, this.assignment.graceMs)).then(
      () => this.#wake.set(),
      () => {
        // Tried again at the next tick; the attempt is probed all the while.
        this.#isStopping = false
      },
    )
  }

  async #end(report: Exclude<AttemptReport, { kind: 'RUNNING' }>): Promise<EngineResult> {
    if (report.kind === 'ABSENT') {
      return this.control.stop.aborted
        ? failedWith('STOPPED', 'Stopped before it was started')
        : failedWith('LOST', 'The machine knows nothing of the attempt any more')
    }
    await this.#contact(() => this.#collector.collectAll())
    const dispose = () => this.machine.forget(this.assignment)
    if (report.kind === 'LOST') return { ...failedWith('LOST', report.reason), dispose }
    return { ...(await this.#exited(report.exit)), dispose }
  }

  async #exited(exit: AttemptExit): Promise<EngineResult> {
    const { exitCode, cause, cpuSeconds } = exit
    const outcome = cause === 'EXITED' ? (exitCode === 0 ? 'SUCCEEDED' : 'FAILED') : cause
    const result = { exitCode, cpuSeconds, errorMessage: messageOf(exit, this.assignment.timeoutMs) }
    if (outcome !== 'SUCCEEDED') return { outcome, result, output: null }
    try {
      const bytes = await this.#contact(() => this.machine.readOutput(this.assignment, MAX_OUTPUT_BYTES))
      return { outcome, result, output: readOutput(bytes) }
    } catch (error) {
      if (!(error instanceof OutputError)) throw error
      return { outcome: 'FAILED', result: { ...result, errorMessage: error.message }, output: null }
    }
  }

  /** Asks the machine until it answers: lost contact is not death. */
  async #contact<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    for (let isLost = false; ; ) {
      try {
        const answer = await ask()
        if (isLost) await this.control.contactRestored()
        return answer
      } catch (error) {
        if (this.control.detach.aborted) throw new DetachedError()
        if (!(error instanceof MachineError) || error.code !== 'UNREACHABLE') throw error
        if (!isLost) await this.control.contactLost(error.message)
        isLost = true
        await new Wake().wait(CONTACT_RETRY_MS, this.control.detach)
      }
    }
  }
}

function messageOf({ exitCode, cause, escaped }: AttemptExit, timeoutMs: number | null): string | null {
  const outlived = escaped.length === 0 ? '' : `; processes that outlived it were ended: ${escaped.join(', ')}`
  if (cause === 'TIMED_OUT') return `Took longer than its timeout of ${(timeoutMs ?? 0) / 1_000} s${outlived}`
  if (cause === 'STOPPED') return `Stopped${outlived}`
  if (exitCode === 0) return escaped.length === 0 ? null : `Succeeded${outlived}`
  const signal = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0]
  return signal === undefined ? `Exited with code ${exitCode}${outlived}` : `Ended by ${signal}${outlived}`
}
