import { createHash } from 'node:crypto'
import { updateQueue } from '../commands/change-queues.js'
import type { CommandBus } from '../commands/command-bus.js'
import type { Plans } from '../commands/plans.js'
import { isRefusal, type Prepared } from '../commands/prepared.js'
import { prepareRerun } from '../commands/rerun.js'
import { cancelRun, raiseRunPriority } from '../commands/steer-run.js'
import { systemCommand } from '../commands/system-command.js'
import { prepareTriggerRun } from '../commands/trigger-run.js'
import type { SlaAction } from '../definitions/sla-actions.js'
import type { JsonObject } from '../domain/json.js'
import { type Refused, refuse } from '../domain/rejection.js'
import { isRunEnd } from '../domain/run/status.js'
import { canonicalJson } from '../platform/json.js'
import { getDags } from '../projections/dag/get-dags.js'
import type { Reader } from '../projections/list.js'
import type { RunRow } from '../projections/run/run-row.js'
import { type Claimed, type Result, skipped } from './deliveries.js'
import type { Notice } from './notice.js'

/** An action that is a command. */
export type FollowUp = Exclude<SlaAction, { type: 'webhook' } | { type: 'email' }>

export interface FollowUpDependencies {
  readonly db: Reader
  readonly bus: CommandBus
  readonly plans: Plans
}

/**
 * Does what the action says, once however often it is called: the command's answer is kept under the breach's and the
 * action's key. What cannot be done as things are by now is SKIPPED. Throws when the database is not there.
 */
export async function followUp(
  dependencies: FollowUpDependencies,
  claimed: Claimed,
  action: FollowUp,
  notice: Notice,
): Promise<Result> {
  const prepared = await prepare(dependencies, action, notice)
  const outcome = isRefusal(prepared) ? prepared : await execute(dependencies.bus, claimed, prepared)
  if (!('rejections' in outcome)) return { status: 'DONE', responseCode: null, message: null, nextTryAt: null }
  return skipped(outcome.rejections.map(({ message }) => message).join('; '))
}

function execute(bus: CommandBus, { breachId, index, action }: Claimed, prepared: Prepared) {
  const key = `sla/${breachId}/${index}`
  const bodyHash = createHash('sha256').update(canonicalJson(action)).digest()
  return bus.execute({ ...systemCommand(prepared), correlationId: breachId, once: { key, bodyHash } })
}

function prepare(
  { db, plans }: FollowUpDependencies,
  action: FollowUp,
  { sla, run }: Notice,
): Promise<Prepared | Refused> | Prepared | Refused {
  switch (action.type) {
    case 'cancelRun':
      return run === null ? NO_RUN : cancelRun(run.id, `SLA ${sla.name} is broken`)
    case 'raisePriority':
      return run === null ? NO_RUN : raiseRunPriority(run.id, action.by, `SLA ${sla.name} is broken`)
    case 'retry':
      return run === null ? NO_RUN : rerunOf(db, plans, run, action.maxReruns)
    case 'pauseQueue': {
      const { streamId, command } = updateQueue(action.queueId, { status: 'PAUSED' })
      return { streamId, command }
    }
    case 'triggerDag':
      return triggerOf(db, plans, action, run)
  }
}

const NO_RUN = refuse('NOT_FOUND', 'The run is not there any more')

/** So many of the run's parents were rerun before it. */
const RERUNS = `
  WITH RECURSIVE line(id, parent_id, depth) AS (
    SELECT id, parent_run_id, 0 FROM run WHERE id = $1::text
    UNION ALL
    SELECT r.id, r.parent_run_id, l.depth + 1 FROM line l JOIN run r ON r.id = l.parent_id WHERE l.depth < 20)
  SELECT max(depth) AS depth FROM line`

/** Not for ever: a run that fails for good would be rerun as long as there is an SLA that says so. */
async function rerunOf(db: Reader, plans: Plans, run: RunRow, maxReruns: number): Promise<Prepared | Refused> {
  if (!isRunEnd(run.status)) return refuse('NOT_ALLOWED_IN_STATE', `Run ${run.id} has not ended (${run.status})`)
  if (run.status === 'SUCCEEDED') return refuse('NOT_ALLOWED_IN_STATE', `Run ${run.id} has SUCCEEDED`)
  const { rows } = await db.query<{ depth: number }>(RERUNS, [run.id])
  const depth = rows[0]?.depth ?? 0
  if (depth >= maxReruns) return refuse('NOT_ALLOWED_IN_STATE', `It was rerun ${depth} times, at most ${maxReruns}`)
  return prepareRerun(db, plans, run, { scope: 'FAILED', taskKeys: null, version: null })
}

/** A run that an SLA has started starts no other: two SLAs could go on with each other for ever. */
async function triggerOf(
  db: Reader,
  plans: Plans,
  { dagId, parameters }: Extract<FollowUp, { type: 'triggerDag' }>,
  run: RunRow | null,
): Promise<Prepared | Refused> {
  if (run?.trigger === 'SLA') return refuse('NOT_ALLOWED_IN_STATE', `Run ${run.id} was itself started by an SLA`)
  const [dag] = await getDags(db, [dagId], null)
  if (dag === undefined) return refuse('NOT_FOUND', `DAG ${dagId} is not there`)
  const request = { version: null, parameters: parameters as JsonObject, logicalDate: null, tags: [], priority: 0 }
  return prepareTriggerRun(db, plans, dag, { ...request, trigger: 'SLA' })
}
