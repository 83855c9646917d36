import type { BackfillReprocess } from '../domain/backfill/backfill.js'
import type { BackfillId, DagId, DagVersionId, ProjectId, RunId } from '../domain/ids.js'
import { type Refused, type Rejection, refuse } from '../domain/rejection.js'
import { isRunEnd, type RunStatus } from '../domain/run/status.js'
import { newId } from '../platform/ids.js'
import type { DagRow } from '../projections/dag/dag-row.js'
import type { Reader } from '../projections/list.js'
import { findLogicalDates } from '../projections/run/find-logical-dates.js'
import { getSchedules, type ScheduleRow } from '../projections/schedule/get-schedules.js'
import { takeTimes, timetableOf } from '../timetable/timetable.js'
import { archivedProblems } from './archived.js'
import { closedQueueProblems } from './closed-queues.js'
import type { Plans } from './plans.js'
import { isRefusal, type Prepared, rejection } from './prepared.js'
import { checkedParameters, checkTemplates, ofDag, planOfVersion, prepareRun } from './trigger-run.js'

export interface BackfillRequest {
  readonly from: Date
  readonly to: Date
  readonly reprocess: BackfillReprocess
  readonly maxActiveRuns: number
}

/** The times that runs are asked for; `prepared` is null where there are none. */
export interface BackfillPlan {
  readonly logicalDates: readonly Date[]
  readonly prepared: Prepared | null
}

/** Times of one range, whether they are run or not. */
const MAX_DATES = 1_000
/** Instances of all runs together, which are made in one transaction. */
const MAX_INSTANCES = 50_000

/**
 * A run for each time of the DAG's schedule from `from` to `to`, both included, as far as `reprocess` wants one. They wait
 * in line by their logical dates. Refused with everything that is wrong with the request at once.
 */
export async function prepareBackfill(
  db: Reader,
  plans: Plans,
  dag: DagRow,
  request: BackfillRequest,
): Promise<BackfillPlan | Refused> {
  if (dag.deletedAt !== null) return refuse('NOT_ALLOWED_IN_STATE', `DAG ${dag.name} is deleted`, ['dagId'])
  const row = (await getSchedules(db, [dag.id])).get(dag.id)
  const archived = await archivedProblems(db, dag.projectId, 'dagId')
  const wrong = [...archived, ...checkRequest(request), ...(row === undefined ? [noSchedule(dag)] : [])]
  if (wrong.length > 0 || row === undefined) return { rejections: wrong }
  const times = timesOf(row, request)
  if (isRefusal(times)) return times
  const existing = await findLogicalDates(db, dag.id, times)
  const dates = times.filter((at) => isWanted(existing.get(at.getTime()), request.reprocess))
  const versionId = dag.latestVersionId
  const parameters = await checkedParameters(db, versionId, {})
  if (isRefusal(parameters)) return parameters
  const plan = await planOfVersion(db, plans, versionId)
  const facts = { name: dag.name, kind: 'DAG', trigger: 'BACKFILL', logicalDate: dates[0]?.toISOString() ?? null }
  const unfit = await checkTemplates(db, plan, parameters.values, facts)
  const closed = await closedQueueProblems(db, dag.projectId, plan.tasks, 'dagId')
  const problems = [...closed, ...unfit.map((problem) => ({ ...problem, path: ['dagId'] }))]
  if (problems.length > 0) return { rejections: problems }
  const instances = dates.length * plan.tasks.length
  if (instances > MAX_INSTANCES) {
    const message = `A backfill has at most ${MAX_INSTANCES} instances, given ${dates.length} runs of ${plan.tasks.length} tasks`
    return { rejections: [rejection('TOO_LARGE', message, 'to')] }
  }
  if (dates.length === 0) return { logicalDates: [], prepared: null }
  const also = dates.map((date) => {
    const id = newId('run') as RunId
    const ends = { parentRunId: null, rootRunId: id, rerunScope: null }
    const what = { trigger: 'BACKFILL', parameters: parameters.values, logicalDate: date.toISOString() } as const
    return prepareRun(id, plan, [], { ...ofDag(dag, versionId), ...what, tags: [], priority: 0, ...ends }, true)
  })
  return { logicalDates: dates, prepared: requested(dag, request, dates, also) }
}

function requested(dag: DagRow, request: BackfillRequest, dates: readonly Date[], also: readonly Prepared[]): Prepared {
  const { from, to, reprocess, maxActiveRuns } = request
  const backfill = {
    projectId: dag.projectId as ProjectId,
    dagId: dag.id as DagId,
    dagVersionId: dag.latestVersionId as DagVersionId,
    from: from.toISOString(),
    to: to.toISOString(),
    reprocess,
    maxActiveRuns,
    runs: also.map(({ streamId }, at) => ({
      runId: streamId as RunId,
      logicalDate: (dates[at] as Date).toISOString(),
    })),
  }
  const command = { type: 'RequestBackfill', request: backfill } as const
  return { streamId: newId('backfill') as BackfillId, command: { aggregate: 'backfill', command }, also }
}

/** Its runs that have not ended are canceled, a scheduler sees to that. */
export function cancelBackfill(backfillId: string, reason: string | null): Prepared {
  const command = { type: 'CancelBackfill', reason } as const
  return { streamId: backfillId, command: { aggregate: 'backfill', command } }
}

function checkRequest({ from, to, maxActiveRuns }: BackfillRequest): Rejection[] {
  const isOrdered = from.getTime() <= to.getTime()
  const range = `to must not be before from, given ${from.toISOString()} to ${to.toISOString()}`
  const isCount = maxActiveRuns >= 1 && maxActiveRuns <= MAX_DATES
  const count = `maxActiveRuns must be from 1 to ${MAX_DATES}, given ${maxActiveRuns}`
  return [
    ...(isOrdered ? [] : [rejection('INVALID', range, 'to')]),
    ...(isCount ? [] : [rejection('INVALID', count, 'maxActiveRuns')]),
  ]
}

function noSchedule({ name }: DagRow): Rejection {
  return rejection('NOT_ALLOWED_IN_STATE', `DAG ${name} has no schedule whose times could be run`, 'dagId')
}

function timesOf({ schedule, anchorAt }: ScheduleRow, { from, to }: BackfillRequest): Date[] | Refused {
  const timetable = timetableOf(schedule, anchorAt.getTime())
  const times = takeTimes(timetable, from.getTime() - 1, to.getTime(), MAX_DATES + 1)
  if (times.length <= MAX_DATES) return times.map((at) => new Date(at))
  const message = `A backfill has at most ${MAX_DATES} logical dates; the range has more: end it at ${new Date(times[MAX_DATES - 1] as number).toISOString()}`
  return { rejections: [rejection('TOO_LARGE', message, 'to')] }
}

/** `status`: of the newest run of that logical date. */
function isWanted(status: RunStatus | undefined, reprocess: BackfillReprocess): boolean {
  if (status === undefined) return true
  if (!isRunEnd(status) || reprocess === 'NONE') return false
  return reprocess === 'COMPLETED' || status !== 'SUCCEEDED'
}
