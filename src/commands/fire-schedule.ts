import type { ScheduleAdvance } from '../domain/dag/dag.js'
import type { Plan } from '../domain/dag/plan.js'
import type { RunId } from '../domain/ids.js'
import type { RunRequested } from '../domain/run/events.js'
import { newId } from '../platform/ids.js'
import type { DueSchedule } from '../projections/schedule/due-schedules.js'
import { isRefusal, type Prepared } from './prepared.js'
import { ofDag, parametersBy, prepareRun } from './trigger-run.js'

/** What a scheduler has decided on the times of a schedule that are due. */
export interface Fires {
  /** All in milliseconds. */
  readonly through: number
  readonly nextAt: number | null
  readonly fires: readonly { readonly at: number; readonly isQueued: boolean }[]
  readonly skipped: readonly number[]
  readonly dropped: readonly number[]
  readonly missed: number
}

/**
 * The DAG's stream takes note of it and the runs are requested in the same transaction, or nothing happens at all: when
 * the stream has moved on since the schedule was read, whoever moved it has seen to these times, or made them void. `plan` is
 * that of the DAG's latest version; `isClosed`: a queue of it takes no new run, so what would be fired is dropped.
 */
export function prepareFires(plan: Plan, due: DueSchedule, given: Fires, isClosed: boolean): Prepared {
  const { latestVersionId: versionId } = due
  const parameters = given.fires.length === 0 ? { values: {} } : parametersBy(due.parameters ?? undefined, {})
  // Parameters were seen to when it was published, but a validator that has run out of time refuses anything.
  const isDropped = isClosed || isRefusal(parameters)
  const fires = isDropped ? [] : given.fires
  const dropped = isDropped ? [...given.dropped, ...given.fires.map(({ at }) => at)] : given.dropped
  const also: Prepared[] = []
  const fired: { at: string; runId: RunId }[] = []
  for (const { at, isQueued } of fires) {
    const runId = newId('run') as RunId
    const logicalDate = textOf(at)
    fired.push({ at: logicalDate, runId })
    const request: RunRequested = {
      ...ofDag({ id: due.dagId, name: due.name, projectId: due.projectId }, versionId),
      trigger: 'SCHEDULE',
      parameters: 'values' in parameters ? parameters.values : {},
      logicalDate,
      tags: [],
      priority: 0,
      parentRunId: null,
      rootRunId: runId,
      rerunScope: null,
    }
    also.push(prepareRun(runId, plan, [], request, isQueued))
  }
  const advance: ScheduleAdvance = {
    through: textOf(given.through),
    nextAt: given.nextAt === null ? null : textOf(given.nextAt),
    fired,
    skipped: given.skipped.map(textOf),
    dropped: dropped.map(textOf),
    missed: given.missed,
  }
  const command = { type: 'AdvanceSchedule', version: due.version, advance } as const
  return { streamId: due.dagId, command: { aggregate: 'dag', command }, also }
}

function textOf(at: number): string {
  return new Date(at).toISOString()
}
