import type { NodeId } from '../domain/ids.js'
import { monotonicMs } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import type { Logger } from '../platform/logger.js'
import { Loop } from '../platform/loop.js'
import { attemptKey, type Hold, holdsOf, orphans, stranded } from '../queue/holds.js'
import { LEASE_SECONDS, renewLease } from '../queue/node-lease.js'
import type { Dispatcher } from './dispatcher.js'
import type { MachineFleet } from './machine-fleet.js'
import { readAssignments, type StoredAssignment } from './read-assignments.js'

const RENEW_MS = 3_000
/** A renewal later than that means that this server, or the database, stood still; so may have all others. */
const LATE_MS = 2 * RENEW_MS
/** How long the others then have to renew theirs before they are taken for dead. */
const PATIENCE_MS = 10_000
const BATCH = 500

/**
 * One dispatcher at a time takes over: two that see the same orphans would take them from each other. One that stands
 * still meanwhile loses its turn.
 */
const ONE_AT_A_TIME = `
  SELECT pg_try_advisory_xact_lock(7310579004) AS is_mine,
    set_config('idle_in_transaction_session_timeout', '10s', true)`

/**
 * Keeps this dispatcher's lease, and takes over what dead ones have left: an attempt on a machine is found again there;
 * one that ran inside the dead process is lost with it, and repeated only where that is safe. Of one whose machine nobody
 * reaches it says that contact is lost, so that an operator may decide its end; when the machine is back it is found again.
 */
export class Rescuer extends Loop {
  override readonly name = 'rescuer'
  #renewedAtMs: number | null = null
  #patientUntilMs = 0
  /** Ours by the tables, but unknown to the dispatcher the last time we looked: a claim whose answer was lost. */
  #unclaimed = new Set<string>()

  constructor(
    private readonly database: Database,
    private readonly dispatcher: Dispatcher,
    private readonly fleet: MachineFleet,
    private readonly node: NodeId,
    private readonly logger: Logger,
  ) {
    super({ intervalMs: 1_000, logger })
  }

  override async runOnce(): Promise<boolean> {
    await this.#renew()
    // With every notification lost, what has become ready is found within a second all the same.
    this.dispatcher.wake()
    await this.#compare()
    if (monotonicMs() < this.#patientUntilMs) return false
    return this.#takeOver()
  }

  async #renew(): Promise<void> {
    const now = monotonicMs()
    if (this.#renewedAtMs !== null && now - this.#renewedAtMs < RENEW_MS) return
    if (!(await renewLease(this.database.pool, this.node))) {
      throw new Error(`Node ${this.node} is not registered any more; start this server again`)
    }
    // What waited for its answer was late as well, however early it was asked.
    if (this.#isLate()) this.#patientUntilMs = monotonicMs() + PATIENCE_MS
    this.#renewedAtMs = now
    this.dispatcher.extendLease(now + LEASE_SECONDS * 1_000)
  }

  #isLate(): boolean {
    return this.#renewedAtMs !== null && monotonicMs() - this.#renewedAtMs > LATE_MS
  }

  /** What the dispatcher executes, and what it is to execute by the tables, should be the same. */
  async #compare(): Promise<void> {
    const executed = this.dispatcher.attempts
    const mine = await holdsOf(this.database.pool, this.node)
    this.dispatcher.passOnStops(mine)
    this.dispatcher.contradict(mine)
    const held = new Set(mine.map(attemptKey))
    for (const attempt of executed) if (!held.has(attemptKey(attempt))) this.dispatcher.leave(attempt)
    const unknown = mine.filter((hold) => !this.dispatcher.has(hold))
    const stillUnknown = unknown.filter((hold) => this.#unclaimed.has(attemptKey(hold)))
    this.#unclaimed = new Set(unknown.map(attemptKey))
    if (stillUnknown.length > 0) await this.dispatcher.adopt(stillUnknown)
  }

  async #takeOver(): Promise<boolean> {
    const found = await this.database.transaction(async (tx) => {
      const { rows } = await tx.query<{ is_mine: boolean }>(ONE_AT_A_TIME)
      if (!rows[0]?.is_mine) return []
      const orphaned = await orphans(tx, this.node, this.fleet.ids, BATCH)
      const lost = await stranded(tx, this.node, this.fleet.ids, BATCH)
      // Read after an outage that began since the renewal: nobody else could renew either. The next round is patient.
      if (orphaned.length + lost.length === 0 || this.#isLate()) return []
      const attempts = { orphaned: orphaned.length, outOfReach: lost.length }
      this.logger.info({ attempts }, 'Taking over attempts whose server is gone')
      await Promise.all([this.#reattach(orphaned), this.#giveUpInProcess(orphaned), this.#reportLost(lost)])
      return orphaned
    })
    await this.dispatcher.adopt(found.filter((hold) => hold.machineId !== null))
    return found.length === BATCH
  }

  async #reattach(found: readonly Hold[]): Promise<void> {
    const onMachines = found.filter((hold) => hold.machineId !== null)
    await Promise.all(
      onMachines.map(({ runId, taskKey: task, fence }) =>
        this.dispatcher.reporter.report(runId, { type: 'ReattachInstance', task, fence, node: this.node }),
      ),
    )
  }

  /** Theirs they stay: whoever reaches the machine takes them over. */
  async #reportLost(found: readonly Hold[]): Promise<void> {
    const reason = 'Its server is gone, and no other reaches its machine'
    await Promise.all(
      found.map(({ runId, taskKey: task, fence }) =>
        this.dispatcher.reporter.report(runId, { type: 'ReportContactLost', task, fence, reason }),
      ),
    )
  }

  async #giveUpInProcess(found: readonly Hold[]): Promise<void> {
    const inProcess = found.filter((hold) => hold.machineId === null)
    const assignments = await readAssignments(
      this.database.pool,
      inProcess.map((hold) => hold.instanceId),
    )
    await Promise.all(
      inProcess.map(({ runId, taskKey: task, fence, instanceId }) => {
        const assignment = assignments.get(instanceId)
        if (assignment?.fence !== fence) return null
        const result = { exitCode: null, errorMessage: reasonFor(assignment), cpuSeconds: null }
        const outcome = isRepeatable(assignment) ? 'LOST' : 'ERRORED'
        return this.dispatcher.reporter.report(runId, {
          type: 'ReportEnded',
          task,
          fence,
          outcome,
          result,
          output: null,
        })
      }),
    )
  }
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Whether what was lost may be done again: it never began, changes nothing, or is said to be idempotent. */
function isRepeatable({ action, isStarted, isIdempotent }: StoredAssignment): boolean {
  return (
    !isStarted ||
    isIdempotent ||
    action.engine === 'noop' ||
    (action.engine === 'http' && SAFE_METHODS.has(action.method))
  )
}

function reasonFor(assignment: StoredAssignment): string {
  if (isRepeatable(assignment)) return 'Its server is gone'
  return 'Its server is gone: it may have been done or not, and is not marked idempotent, so it is not repeated'
}
