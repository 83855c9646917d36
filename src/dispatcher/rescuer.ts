import type { NodeId } from '../domain/ids.js'
import type { Database } from '../platform/database.js'
import type { Logger } from '../platform/logger.js'
import { Loop } from '../platform/loop.js'
import { type Hold, holdsOf, orphans } from '../queue/holds.js'
import { renewLease } from '../queue/node-lease.js'
import type { Dispatcher } from './dispatcher.js'
import type { MachineFleet } from './machine-fleet.js'
import { readAssignments } from './read-assignments.js'

const RENEW_EVERY = 3
const BATCH = 500

/**
 * Keeps this dispatcher's lease, and takes over what dead ones have left: an attempt on a machine is found again there;
 * one that ran inside the dead process is lost with it, and repeated only where that is safe.
 */
export class Rescuer extends Loop {
  override readonly name = 'rescuer'
  #round = 0
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
    if (this.#round++ % RENEW_EVERY === 0) await renewLease(this.database.pool, this.node)
    // With every notification lost, what has become ready is found within a second all the same.
    this.dispatcher.wake()
    await this.#adoptUnclaimed()
    const found = await orphans(this.database.pool, this.fleet.ids, BATCH)
    if (found.length === 0) return false
    this.logger.info({ attempts: found.length }, 'Taking over attempts whose server is gone')
    await Promise.all([this.#reattach(found), this.#giveUpInProcess(found)])
    return found.length === BATCH
  }

  async #adoptUnclaimed(): Promise<void> {
    const mine = await holdsOf(this.database.pool, this.node)
    this.dispatcher.passOnStops(mine)
    const unknown = mine.filter((hold) => !this.dispatcher.has(hold.instanceId))
    const stillUnknown = unknown.filter((hold) => this.#unclaimed.has(key(hold)))
    this.#unclaimed = new Set(unknown.map(key))
    if (stillUnknown.length > 0) await this.dispatcher.adopt(stillUnknown)
  }

  async #reattach(found: readonly Hold[]): Promise<void> {
    const onMachines = found.filter((hold) => hold.machineId !== null)
    await Promise.all(
      onMachines.map(({ runId, taskKey: task, fence }) =>
        this.dispatcher.reporter.report(runId, { type: 'ReattachInstance', task, fence, node: this.node }),
      ),
    )
    await this.dispatcher.adopt(onMachines)
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
        const { engine } = assignment?.action ?? { engine: 'noop' }
        const method = assignment?.action.engine === 'http' ? assignment.action.method : ''
        const isSafe = engine === 'noop' || assignment?.isIdempotent || method === 'GET' || method === 'HEAD'
        const reason = isSafe ? 'Its server is gone' : 'Its server is gone, and the request is not marked idempotent'
        return this.dispatcher.reporter.report(runId, {
          type: 'ReportEnded',
          task,
          fence,
          outcome: isSafe ? 'LOST' : 'ERRORED',
          result: { exitCode: null, errorMessage: reason, cpuSeconds: null },
          output: null,
        })
      }),
    )
  }
}

function key({ instanceId, fence }: Hold): string {
  return `${instanceId}.${fence}`
}
