import type { NodeId } from '../domain/ids.js'
import { type Control, DetachedError, type Engine, type EngineResult, failedWith } from '../engines/engine.js'
import type { AttemptSample, Machine, OutputStream } from '../machines/machine.js'
import type { Database } from '../platform/database.js'
import type { Logger } from '../platform/logger.js'
import { Wake } from '../platform/wake.js'
import { isHeld } from '../queue/holds.js'
import type { SecretStore } from './attempt-secrets.js'
import { Mask, type Masked, type Masker } from './mask.js'
import { NotOursError, type OutputPiece, type OutputStore } from './output-store.js'
import type { StoredAssignment } from './read-assignments.js'
import type { Reporter } from './reporter.js'
import type { SampleStore } from './sample-store.js'

export interface ExecutionDependencies {
  readonly node: NodeId
  readonly database: Database
  readonly reporter: Reporter
  readonly outputs: OutputStore
  readonly samples: SampleStore
  readonly secretStore: SecretStore
  readonly logger: Logger
  /** Aborted when this server goes. */
  readonly detach: AbortSignal
}

const RETRY_MS = 1_000

type Values = Readonly<Record<string, string>>

/** One attempt in the hands of this dispatcher, from its claim (or its being found again) to its stored end. */
export class Execution implements Control {
  readonly #stop = new AbortController()
  readonly #leave = new AbortController()
  readonly detach: AbortSignal
  readonly collected: { STDOUT: number; STDERR: number }
  readonly #stored: { STDOUT: number; STDERR: number }
  readonly #values: Values
  readonly #mask: Mask
  readonly #maskers: { readonly [Stream in OutputStream]: Masker }
  /** As far as the engine knows. */
  #isContactLost = false
  /** Some of the output was not kept, so no more of it is. */
  #isFull = false
  /** Bytes of the streams that became nothing yet: the next piece stands for them, too. */
  readonly #unstored = { STDOUT: 0, STDERR: 0 }

  constructor(
    readonly assignment: StoredAssignment,
    private readonly engine: Engine,
    private readonly machine: Machine | null,
    /** By variable; what is kept is forgotten at the end, what is derived from the attempt is stored nowhere. */
    private readonly secrets: { readonly kept: Values; readonly derived: Values },
    private readonly dependencies: ExecutionDependencies,
  ) {
    this.detach = AbortSignal.any([dependencies.detach, this.#leave.signal])
    this.collected = { ...assignment.collected }
    this.#stored = { ...assignment.stored }
    this.#values = { ...secrets.derived, ...secrets.kept }
    this.#mask = new Mask(Object.values(this.#values))
    this.#maskers = { STDOUT: this.#mask.stream(), STDERR: this.#mask.stream() }
    if (assignment.isStopping) this.requestStop()
  }

  get stop(): AbortSignal {
    return this.#stop.signal
  }

  /** The attempt is to be stopped; asking again changes nothing. */
  requestStop(): void {
    this.#stop.abort()
  }

  /** The attempt is this dispatcher's no more: another has it, or an operator decided its end. */
  leave(): void {
    this.#leave.abort()
  }

  /** Never rejects. When it resolves the end is stored, or the attempt is no longer this dispatcher's. */
  async run(): Promise<void> {
    const { instanceId } = this.assignment
    const { logger } = this.dependencies
    try {
      const { dispose, ...ended } = await this.#execute()
      await this.#endOutput()
      const outcome = await this.#reportEnded(ended)
      if (outcome === null) return
      await this.#forgetSecrets()
      await dispose?.()
    } catch (error) {
      if (error instanceof NotOursError || (error instanceof DetachedError && this.#leave.signal.aborted)) {
        await this.#leftToItself()
      } else if (!(error instanceof DetachedError)) {
        logger.error({ err: error, instanceId }, 'An attempt was left unfinished here')
      }
    }
  }

  async #forgetSecrets(): Promise<void> {
    if (Object.keys(this.secrets.kept).length === 0) return
    await this.dependencies.secretStore.forget(this.assignment).catch((error: unknown) => {
      this.dependencies.logger.warn({ err: error }, 'What an attempt was given is kept until another ends')
    })
  }

  async #execute(): Promise<EngineResult> {
    try {
      return await this.engine.execute({ ...this.assignment, machine: this.machine, secrets: this.#values }, this)
    } catch (error) {
      if (error instanceof DetachedError || error instanceof NotOursError) throw error
      const err = this.#mask.isEmpty ? error : new Error(this.masked((error as Error).message))
      this.dependencies.logger.error({ err, instanceId: this.assignment.instanceId }, 'An engine failed')
      return failedWith('ERRORED', `The attempt could not be executed: ${(error as Error).message}`)
    }
  }

  /** Where nobody has the attempt any more, its end was decided without it (forceInstance while contact was lost). */
  async #leftToItself(): Promise<void> {
    const { instanceId, fence, graceMs } = this.assignment
    const { logger, database, detach } = this.dependencies
    while (!detach.aborted) {
      try {
        if (await isHeld(database.pool, instanceId, fence)) {
          return logger.info({ instanceId }, 'Another dispatcher has taken over an attempt')
        }
        await this.machine?.stop(this.assignment, graceMs)
        return await this.machine?.forget(this.assignment)
      } catch (error) {
        logger.warn({ err: error, instanceId }, 'An attempt that is over could not be stopped; trying again')
        await new Wake().wait(RETRY_MS, detach)
      }
    }
  }

  #reportEnded({ outcome, result, output, verdict }: EngineResult) {
    const { runId, taskKey: task, fence } = this.assignment
    const { errorMessage } = result
    const told = { ...result, errorMessage: errorMessage === null ? null : storable(this.masked(errorMessage)) }
    const judged = verdict === undefined ? {} : { verdict }
    const end = { task, fence, outcome, result: told, output: this.#mask.json(output), ...judged }
    return this.dependencies.reporter.report(runId, { type: 'ReportEnded', ...end })
  }

  masked(text: string): string {
    return this.#mask.text(text)
  }

  async started(pid: number | null): Promise<void> {
    const { runId, taskKey: task, fence } = this.assignment
    await this.dependencies.reporter.report(runId, { type: 'ReportStarted', task, fence, pid })
  }

  get isFull(): boolean {
    return this.#isFull
  }

  async output(stream: OutputStream, bytes: Buffer): Promise<void> {
    await this.#append(stream, this.#maskers[stream].push(bytes))
  }

  /** What was held, as it might have been the beginning of a secret. */
  async #endOutput(): Promise<void> {
    for (const stream of ['STDOUT', 'STDERR'] as const) await this.#append(stream, this.#maskers[stream].end())
  }

  async #append(stream: OutputStream, { bytes: all, sourceLength }: Masked): Promise<void> {
    const { instanceId, attempt, fence } = this.assignment
    const { maxBytes } = this.dependencies.outputs
    const room = maxBytes - this.#stored.STDOUT - this.#stored.STDERR
    // Masked before it is cut: no part of a secret is left at the end.
    const bytes = all.length > room ? all.subarray(0, Math.max(0, room)) : all
    if (bytes.length < all.length) this.#isFull = true
    const source = this.#unstored[stream] + sourceLength
    if (bytes.length === 0) {
      this.#unstored[stream] = source
      if (all.length > 0) await this.#declareFull()
      return
    }
    const at = { streamOffset: this.#stored[stream], byteOffset: this.#stored.STDOUT + this.#stored.STDERR }
    await this.#store({ instanceId, attempt, fence, stream, bytes, sourceLength: source, ...at })
    this.#unstored[stream] = 0
    this.collected[stream] += source
    this.#stored[stream] += bytes.length
    if (this.#isFull) await this.#declareFull()
  }

  /** Once, behind all that is kept; a repeat, perhaps by who took over, finds it stored. */
  async #declareFull(): Promise<void> {
    const { instanceId, attempt, fence } = this.assignment
    const { maxBytes } = this.dependencies.outputs
    const bytes = Buffer.from(`\n[The output is cut here: at most ${maxBytes} bytes of an attempt are kept]\n`)
    const at = { streamOffset: 0, byteOffset: this.#stored.STDOUT + this.#stored.STDERR }
    await this.#store({ instanceId, attempt, fence, stream: 'SYSTEM', bytes, sourceLength: bytes.length, ...at })
  }

  /** For as long as it takes: the database may be away for a while, the attempt and its output are not. */
  async #store(piece: OutputPiece): Promise<void> {
    for (;;) {
      try {
        return await this.dependencies.outputs.store(piece)
      } catch (error) {
        if (error instanceof NotOursError) throw error
        this.dependencies.logger.warn(
          { err: error, instanceId: piece.instanceId },
          'Output was not stored; trying again',
        )
        await new Wake().wait(RETRY_MS, this.detach)
        if (this.detach.aborted) throw new DetachedError()
      }
    }
  }

  sampled(sample: AttemptSample): void {
    this.dependencies.samples.add(this.assignment.attempt, sample)
  }

  async contactLost(reason: string): Promise<void> {
    this.#isContactLost = true
    const { runId, taskKey: task, fence } = this.assignment
    const { reporter } = this.dependencies
    await reporter.report(runId, { type: 'ReportContactLost', task, fence, reason: storable(this.masked(reason)) })
  }

  async contactRestored(): Promise<void> {
    this.#isContactLost = false
    const { runId, taskKey: task, fence } = this.assignment
    const { node, reporter } = this.dependencies
    await reporter.report(runId, { type: 'ReattachInstance', task, fence, node })
  }

  /** Somebody else has said that contact is lost. If it is not, the journal is told; again: changes nothing. */
  contradictLoss(): void {
    if (!this.#isContactLost) void this.contactRestored()
  }
}

/** Text that the journal can keep, whatever a host or a server has put into it. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
