import type { Claimed } from '../commands/claim.js'
import type { CommandBus } from '../commands/command-bus.js'
import type { NodeId } from '../domain/ids.js'
import type { Engine } from '../engines/engine.js'
import { NOOP_RESULT } from '../engines/noop.js'
import type { Tail } from '../history/tail.js'
import type { Database } from '../platform/database.js'
import type { Logger } from '../platform/logger.js'
import { Throttle } from '../platform/throttle.js'
import { type Hold, holdsOf } from '../queue/holds.js'
import { Execution, type ExecutionDependencies } from './execution.js'
import type { MachineFleet } from './machine-fleet.js'
import type { OutputStore } from './output-store.js'
import { readAssignments } from './read-assignments.js'
import { Reporter } from './reporter.js'

export interface DispatcherDependencies {
  readonly database: Database
  readonly bus: CommandBus
  readonly tail: Tail
  readonly node: NodeId
  readonly fleet: MachineFleet
  /** By the engine's name; noop is the dispatcher's own. */
  readonly engines: Readonly<Record<string, Engine>>
  readonly outputs: OutputStore
  readonly logger: Logger
}

/** Attempts in the hands of one dispatcher at most. */
const MAX_LIVE = 1_000
/** Instances of one claim at most: more would hold the queue's lock too long. */
const MAX_CLAIM = 500
const STOP_CHECK_MS = 100

/**
 * Claims instances whenever there may be some, hands each to its engine, and reports what comes of it. It holds no
 * state that matters: after a crash the tables tell which attempts there are, and the machines what became of them.
 */
export class Dispatcher {
  readonly #live = new Map<string, { readonly execution: Execution; readonly ended: Promise<void> }>()
  readonly #detach = new AbortController()
  readonly #giveUp = new AbortController()
  readonly #reporter: Reporter
  readonly #stopCheck = new Throttle(STOP_CHECK_MS, () => void this.#checkStops())
  #unsubscribe: () => void = () => undefined
  #isClaiming = false
  #claimAgain = false
  #isDraining = false

  constructor(private readonly dependencies: DispatcherDependencies) {
    const { bus, node, logger } = dependencies
    this.#reporter = new Reporter(bus, node, logger, this.#giveUp.signal, () => void this.#claim())
  }

  start(): void {
    this.#unsubscribe = this.dependencies.tail.onHead(() => this.wake())
    this.wake()
  }

  /** Something may have become ready, or is to be stopped. */
  wake(): void {
    void this.#claim()
    if (this.#live.size > 0) this.#stopCheck.ask()
  }

  /**
   * Claims nothing more, gives what runs in this process `graceMs` to end, and leaves what runs on machines alone: the
   * next server finds it again.
   */
  async stop(graceMs: number): Promise<void> {
    this.#isDraining = true
    this.#unsubscribe()
    this.#stopCheck.cancel()
    const inProcess = [...this.#live.values()].filter(({ execution }) => execution.assignment.machineId === null)
    await within(graceMs, Promise.all(inProcess.map(({ ended }) => ended)))
    this.#detach.abort()
    await within(graceMs, Promise.all([...this.#live.values()].map(({ ended }) => ended)))
    this.#giveUp.abort()
  }

  /** Whether an attempt is in this dispatcher's hands. */
  has(instanceId: string): boolean {
    return this.#live.has(instanceId)
  }

  /** Goes on with attempts that others began, or that this one claimed without hearing of it. */
  async adopt(holds: readonly Hold[]): Promise<void> {
    const unknown = holds.filter((hold) => !this.#live.has(hold.instanceId))
    await this.#launch(unknown.map((hold) => hold.instanceId))
    this.passOnStops(unknown)
  }

  /** Hands on what was asked to stop, wherever it was asked. */
  passOnStops(holds: readonly Hold[]): void {
    for (const hold of holds) if (hold.isStopping) this.#live.get(hold.instanceId)?.execution.requestStop()
  }

  get reporter(): Reporter {
    return this.#reporter
  }

  /** One claim is under way at a time; a wake-up meanwhile is followed by another. */
  async #claim(): Promise<void> {
    if (this.#isClaiming) {
      this.#claimAgain = true
      return
    }
    this.#isClaiming = true
    do {
      this.#claimAgain = false
      const limit = Math.min(MAX_LIVE - this.#live.size, MAX_CLAIM)
      if (limit <= 0 || this.#isDraining) break
      try {
        const { node, fleet, bus } = this.dependencies
        await this.#begin(await bus.claim({ node, machines: fleet.offered, limit }))
      } catch (error) {
        this.dependencies.logger.warn({ err: error }, 'Claiming failed; it is tried again at the next occasion')
        break
      }
    } while (this.#claimAgain)
    this.#isClaiming = false
  }

  async #begin(claimed: readonly Claimed[]): Promise<void> {
    if (claimed.length === 0) return
    const [noops, others] = [
      claimed.filter(({ engine }) => engine === 'noop'),
      claimed.filter(({ engine }) => engine !== 'noop'),
    ]
    for (const { runId, taskKey: task, fence } of noops) {
      const { outcome, result, output } = NOOP_RESULT
      void this.#reporter.report(runId, { type: 'ReportEnded', task, fence, outcome, result, output })
    }
    await this.#launch(others.map(({ instanceId }) => instanceId))
  }

  async #launch(instanceIds: readonly string[]): Promise<void> {
    const { database, fleet, engines, node, outputs, logger } = this.dependencies
    const assignments = await readAssignments(database.pool, instanceIds)
    const dependencies: ExecutionDependencies = {
      node,
      reporter: this.#reporter,
      outputs,
      logger,
      detach: this.#detach.signal,
    }
    for (const assignment of assignments.values()) {
      const engine = engines[assignment.action.engine]
      if (engine === undefined || this.#live.has(assignment.instanceId)) continue
      const execution = new Execution(assignment, engine, fleet.machine(assignment.machineId), dependencies)
      const ended = execution.run().finally(() => {
        this.#live.delete(assignment.instanceId)
        this.wake()
      })
      this.#live.set(assignment.instanceId, { execution, ended })
    }
  }

  async #checkStops(): Promise<void> {
    const { database, node, logger } = this.dependencies
    try {
      this.passOnStops(await holdsOf(database.pool, node))
    } catch (error) {
      logger.warn({ err: error }, 'Could not ask which attempts are to be stopped; asked again soon')
    }
  }
}

/** Waits for the work, but no longer than that. */
async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, limitMs)
  })
  await Promise.race([work, limit])
  clearTimeout(timer)
}
