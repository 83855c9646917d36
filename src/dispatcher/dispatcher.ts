import type { Claimed } from '../commands/claim.js'
import type { CommandBus } from '../commands/command-bus.js'
import type { NodeId } from '../domain/ids.js'
import { type Engine, failedWith } from '../engines/engine.js'
import { NOOP_RESULT, noopEngine } from '../engines/noop.js'
import type { Tail } from '../history/tail.js'
import { type AttemptRef, MachineError } from '../machines/machine.js'
import { monotonicMs } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import type { Logger } from '../platform/logger.js'
import { Throttle } from '../platform/throttle.js'
import { within } from '../platform/within.js'
import { attemptKey, type Hold, stoppingHoldsOf } from '../queue/holds.js'
import { LEASE_SECONDS } from '../queue/node-lease.js'
import type { AttemptSecrets, SecretStore } from './attempt-secrets.js'
import { Execution, type ExecutionDependencies } from './execution.js'
import type { MachineFleet } from './machine-fleet.js'
import type { OutputStore } from './output-store.js'
import { readAssignments, type StoredAssignment } from './read-assignments.js'
import { refused, refusedUnlessBegun } from './refused.js'
import { Reporter } from './reporter.js'
import type { SampleStore } from './sample-store.js'

export interface DispatcherDependencies {
  readonly database: Database
  readonly bus: CommandBus
  readonly tail: Tail
  readonly node: NodeId
  readonly fleet: MachineFleet
  /** By the engine's name; noop is the dispatcher's own. */
  readonly engines: Readonly<Record<string, Engine>>
  readonly outputs: OutputStore
  readonly samples: SampleStore
  readonly secretStore: SecretStore
  /** What an attempt is given to reach the cache of its run; default: nothing. */
  readonly taskAccess?: TaskAccess
  readonly logger: Logger
}

/** The server's address as the attempt's machine reaches it, if there is one, and a token of its own; null: it gets neither. */
export type TaskAccess = (
  assignment: StoredAssignment,
) => { readonly url: string | null; readonly token: string } | null

/** Attempts in the hands of one dispatcher at most. */
const MAX_LIVE = 1_000
/** Instances of one claim at most: more would hold the queue's lock too long. */
const MAX_CLAIM = 500
const STOP_CHECK_MS = 100
/**
 * Most commits are our own reports, and an end brings its claim along. Looking after each of them made three of four
 * claims find nothing, and the next report wait for them.
 */
const LOOK_MS = 25

/**
 * Claims instances whenever there may be some, hands each to its engine, and reports what comes of it. It holds no
 * state that matters: after a crash the tables tell which attempts there are, and the machines what became of them.
 */
export class Dispatcher {
  /** By attemptKey: the next attempt of an instance may begin before the last one is tidied up. */
  readonly #live = new Map<string, { readonly execution: Execution; readonly ended: Promise<void> }>()
  readonly #launching = new Set<Promise<void>>()
  readonly #detach = new AbortController()
  readonly #giveUp = new AbortController()
  readonly #reporter: Reporter
  readonly #stopCheck = new Throttle(STOP_CHECK_MS, () => void this.#checkStops())
  readonly #look = new Throttle(LOOK_MS, () => this.#claim())
  #unsubscribe: () => void = () => undefined
  #claiming: Promise<void> = Promise.resolve()
  #isClaiming = false
  #claimAgain = false
  #isDraining = false
  #leaseEndsAtMs = monotonicMs() + LEASE_SECONDS * 1_000

  constructor(private readonly dependencies: DispatcherDependencies) {
    const { bus, node, logger } = dependencies
    this.#reporter = new Reporter(bus, node, logger, this.#giveUp.signal, () => this.#claim())
  }

  start(): void {
    this.#unsubscribe = this.dependencies.tail.onHead(() => this.wake())
    this.wake()
  }

  /** Something may have become ready, or is to be stopped. */
  wake(): void {
    this.#look.ask()
    if (this.#live.size > 0) this.#stopCheck.ask()
  }

  /**
   * Nothing is claimed without a lease: what is claimed then, another dispatcher takes for left behind at once. A new
   * dispatcher has that of its node's registration.
   */
  extendLease(endsAtMs: number): void {
    this.#leaseEndsAtMs = endsAtMs
  }

  /**
   * Claims nothing more, gives what runs in this process `graceMs` to end, and leaves what runs on machines alone: the
   * next server finds it again.
   */
  async stop(graceMs: number): Promise<void> {
    this.#isDraining = true
    this.#unsubscribe()
    this.#stopCheck.cancel()
    this.#look.cancel()
    await within(graceMs, this.#inProcessEnded())
    this.#detach.abort()
    await within(
      graceMs,
      this.#allEnded(() => true),
    )
    this.#giveUp.abort()
  }

  /** Whether an attempt is in this dispatcher's hands. */
  has(attempt: AttemptRef): boolean {
    return this.#live.has(attemptKey(attempt))
  }

  /** What is in this dispatcher's hands now. */
  get attempts(): readonly AttemptRef[] {
    return [...this.#live.values()].map(({ execution }) => execution.assignment)
  }

  /** Goes on with attempts that others began, or that this one claimed without hearing of it. */
  async adopt(holds: readonly Hold[]): Promise<void> {
    await this.#launch(holds, false)
  }

  /** Lets go of an attempt that the tables do not give to this dispatcher any more. */
  leave(attempt: AttemptRef): void {
    this.#live.get(attemptKey(attempt))?.execution.leave()
  }

  /** Hands on what was asked to stop, wherever it was asked. */
  passOnStops(holds: readonly Hold[]): void {
    for (const hold of holds) if (hold.isStopping) this.#live.get(attemptKey(hold))?.execution.requestStop()
  }

  /** Says of what is in its hands that there is contact, where others took this dispatcher for gone and said there is none. */
  contradict(holds: readonly Hold[]): void {
    for (const hold of holds) if (hold.isUnknown) this.#live.get(attemptKey(hold))?.execution.contradictLoss()
  }

  get reporter(): Reporter {
    return this.#reporter
  }

  /** One claim is under way at a time; a wake-up meanwhile is followed by another. */
  #claim(): void {
    this.#claimAgain = true
    if (!this.#isClaiming) this.#claiming = this.#claimAll()
  }

  /** Never rejects. */
  async #claimAll(): Promise<void> {
    const { node, fleet, bus, logger } = this.dependencies
    this.#isClaiming = true
    while (this.#claimAgain && this.#mayClaim()) {
      this.#claimAgain = false
      const limit = Math.min(MAX_LIVE - this.#live.size, MAX_CLAIM)
      try {
        if (limit > 0) this.#begin(await bus.claim({ node, machines: fleet.offered, limit }))
      } catch (error) {
        logger.warn({ err: error }, 'Claiming failed; it is tried again at the next occasion')
        break
      }
    }
    this.#isClaiming = false
  }

  #mayClaim(): boolean {
    return !this.#isDraining && monotonicMs() < this.#leaseEndsAtMs
  }

  /** The next claim does not wait for it: it may go with the reports that are on their way. */
  #begin(claimed: readonly Claimed[]): void {
    const [noops, others] = [
      claimed.filter(({ engine }) => engine === 'noop'),
      claimed.filter(({ engine }) => engine !== 'noop'),
    ]
    for (const { runId, taskKey: task, fence } of noops) {
      const { outcome, result, output } = NOOP_RESULT
      void this.#reporter.report(runId, { type: 'ReportEnded', task, fence, outcome, result, output })
    }
    if (others.length === 0) return
    const launching = this.#launch(others, true).catch((error: unknown) => {
      this.dependencies.logger.warn({ err: error }, 'Attempts were claimed but not begun; they are found again soon')
    })
    this.#launching.add(launching)
    void launching.then(() => this.#launching.delete(launching))
  }

  /** `isNew`: nobody can have sent them to their machines yet. */
  async #launch(attempts: readonly AttemptRef[], isNew: boolean): Promise<void> {
    const { database, node, secretStore, samples, logger } = this.dependencies
    const ids = attempts.map(({ instanceId }) => instanceId)
    const assignments = await readAssignments(database.pool, ids)
    const secrets = await secretStore.give([...assignments.values()])
    const sampled = isNew ? null : await samples.totals(ids)
    for (const attempt of attempts) {
      const assignment = assignments.get(attempt.instanceId)
      // Meanwhile it may be over, or another's.
      if (assignment?.fence !== attempt.fence || assignment.nodeId !== node || this.has(attempt)) continue
      const given = secrets.get(assignment.instanceId) ?? { values: {} }
      // What may run and cannot be masked here is another server's to collect, or this one's with the right key.
      const mayRun = assignment.isStarted || ('wasGiven' in given && given.wasGiven)
      if (mayRun && 'problem' in given) logger.error({ attempt }, given.problem)
      else this.#execute({ ...assignment, sampled: sampled?.get(attemptKey(attempt)) ?? null }, given, isNew)
    }
  }

  #execute(assignment: StoredAssignment, secrets: AttemptSecrets, isNew: boolean): void {
    const { database, fleet, engines, node, outputs, samples, secretStore, logger } = this.dependencies
    const dependencies: ExecutionDependencies = {
      node,
      database,
      reporter: this.#reporter,
      outputs,
      samples,
      secretStore,
      logger,
      detach: this.#detach.signal,
    }
    const name = assignment.action.engine
    // A noop is here when its claim's answer was lost.
    const known = name === 'noop' ? noopEngine : (engines[name] ?? errored(`This server has no engine called ${name}`))
    const user = userOf(assignment)
    const engine = 'problem' in secrets ? errored(secrets.problem) : this.#admit(assignment, known, isNew)
    const values = 'values' in secrets ? secrets.values : {}
    const machine = fleet.machine(assignment.machineId, user)
    const own = this.#taskAccess(assignment)
    const environment = { ...assignment.environment, ...own.environment }
    const hidden = { kept: values, derived: own.secrets }
    const execution = new Execution({ ...assignment, environment }, engine, machine, hidden, dependencies)
    const key = attemptKey(assignment)
    const ended = execution.run().finally(() => {
      this.#live.delete(key)
      this.wake()
    })
    this.#live.set(key, { execution, ended })
  }

  /** A variable that the task sets itself is the task's. */
  #taskAccess(assignment: StoredAssignment): { environment: Record<string, string>; secrets: Record<string, string> } {
    const { action } = assignment
    const access = 'environment' in action ? (this.dependencies.taskAccess?.(assignment) ?? null) : null
    if (access === null || !('environment' in action)) return { environment: {}, secrets: {} }
    const sets = (name: string) => Object.hasOwn(action.environment, name)
    return {
      environment: access.url === null || sets('DAGBOOK_URL') ? {} : { DAGBOOK_URL: access.url },
      secrets: sets('DAGBOOK_TOKEN') ? {} : { DAGBOOK_TOKEN: access.token },
    }
  }

  /** What has begun goes on, whatever is allowed and whatever space there is by now. */
  #admit(assignment: StoredAssignment, engine: Engine, isNew: boolean): Engine {
    const { isStarted, mayRunAsUser, isMachineRemoved, machineId } = assignment
    if (isStarted) return engine
    if (isNew && isMachineRemoved) return refused(new MachineError('DENIED', 'Its machine was removed meanwhile', true))
    if (!mayRunAsUser) {
      const error = new MachineError('DENIED', `Its machine does not let tasks run as ${userOf(assignment)}`, false)
      return isNew ? refused(error) : refusedUnlessBegun(error, engine)
    }
    const full = isNew ? this.dependencies.fleet.fullBecause(machineId) : null
    return full === null ? engine : refused(new MachineError('DISK_FULL', full, true))
  }

  async #inProcessEnded(): Promise<void> {
    // Claims and launches that are under way still become attempts.
    await this.#claiming
    await Promise.all(this.#launching)
    await this.#allEnded((execution) => execution.assignment.machineId === null)
  }

  async #allEnded(which: (execution: Execution) => boolean): Promise<void> {
    await Promise.all([...this.#live.values()].filter(({ execution }) => which(execution)).map(({ ended }) => ended))
  }

  async #checkStops(): Promise<void> {
    const { database, node, logger } = this.dependencies
    try {
      this.passOnStops(await stoppingHoldsOf(database.pool, node))
    } catch (error) {
      logger.warn({ err: error }, 'Could not ask which attempts are to be stopped; asked again soon')
    }
  }
}

/** For a task that this server cannot execute. */
function errored(why: string): Engine {
  return { execute: async () => failedWith('ERRORED', why) }
}

/** Whom the task wants to run as; null: whoever logs in. */
function userOf({ action }: StoredAssignment): string | null {
  return 'user' in action ? (action.user ?? null) : null
}
