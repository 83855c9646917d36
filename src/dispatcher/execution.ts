import type { NodeId } from '../domain/ids.js'
import { type Control, DetachedError, type Engine, type EngineResult, failedWith } from '../engines/engine.js'
import type { Machine, OutputStream } from '../machines/machine.js'
import type { Logger } from '../platform/logger.js'
import { NotOursError, type OutputStore } from './output-store.js'
import type { StoredAssignment } from './read-assignments.js'
import type { Reporter } from './reporter.js'

export interface ExecutionDependencies {
  readonly node: NodeId
  readonly reporter: Reporter
  readonly outputs: OutputStore
  readonly logger: Logger
  /** Aborted when this server goes. */
  readonly detach: AbortSignal
}

/** One attempt in the hands of this dispatcher, from its claim (or its being found again) to its stored end. */
export class Execution implements Control {
  readonly #stop = new AbortController()
  readonly collected: { STDOUT: number; STDERR: number }
  #collectedBytes: number

  constructor(
    readonly assignment: StoredAssignment,
    private readonly engine: Engine,
    private readonly machine: Machine | null,
    private readonly dependencies: ExecutionDependencies,
  ) {
    this.collected = { ...assignment.collected }
    this.#collectedBytes = assignment.collectedBytes
  }

  get stop(): AbortSignal {
    return this.#stop.signal
  }

  get detach(): AbortSignal {
    return this.dependencies.detach
  }

  /** The attempt is to be stopped; asking again changes nothing. */
  requestStop(): void {
    this.#stop.abort()
  }

  /** Never rejects. When it resolves the end is stored, or the attempt is no longer this dispatcher's. */
  async run(): Promise<void> {
    const { logger } = this.dependencies
    try {
      const { dispose, ...ended } = await this.#execute()
      const outcome = await this.#reportEnded(ended)
      if (outcome !== null) await dispose?.()
    } catch (error) {
      if (error instanceof DetachedError) return
      if (error instanceof NotOursError) logger.info({ instanceId: this.assignment.instanceId }, error.message)
      else logger.error({ err: error, instanceId: this.assignment.instanceId }, 'An attempt was left unfinished here')
    }
  }

  async #execute(): Promise<EngineResult> {
    try {
      return await this.engine.execute({ ...this.assignment, machine: this.machine }, this)
    } catch (error) {
      if (error instanceof DetachedError || error instanceof NotOursError) throw error
      this.dependencies.logger.error({ err: error, instanceId: this.assignment.instanceId }, 'An engine failed')
      return failedWith('ERRORED', `The attempt could not be executed: ${(error as Error).message}`)
    }
  }

  #reportEnded({ outcome, result, output }: EngineResult) {
    const { runId, taskKey: task, fence } = this.assignment
    return this.dependencies.reporter.report(runId, { type: 'ReportEnded', task, fence, outcome, result, output })
  }

  async started(pid: number | null): Promise<void> {
    const { runId, taskKey: task, fence } = this.assignment
    await this.dependencies.reporter.report(runId, { type: 'ReportStarted', task, fence, pid })
  }

  async output(stream: OutputStream, bytes: Buffer): Promise<void> {
    const { instanceId, attempt, fence } = this.assignment
    const streamOffset = this.collected[stream]
    const byteOffset = this.#collectedBytes
    this.collected[stream] += bytes.length
    this.#collectedBytes += bytes.length
    const piece = { instanceId, attempt, fence, stream, streamOffset, byteOffset, bytes }
    await this.dependencies.outputs.store(piece)
  }

  async contactLost(reason: string): Promise<void> {
    const { runId, taskKey: task, fence } = this.assignment
    await this.dependencies.reporter.report(runId, { type: 'ReportContactLost', task, fence, reason })
  }

  async contactRestored(): Promise<void> {
    const { runId, taskKey: task, fence } = this.assignment
    const { node, reporter } = this.dependencies
    await reporter.report(runId, { type: 'ReattachInstance', task, fence, node })
  }
}
