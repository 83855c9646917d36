import type { RunId } from '../domain/ids.js'
import type { Refused } from '../domain/rejection.js'
import type { ReusedInstance } from '../domain/run/commands.js'
import type { RerunScope } from '../domain/run/events.js'
import { planRerun } from '../domain/run/rerun.js'
import { newId } from '../platform/ids.js'
import type { Reader } from '../projections/list.js'
import { getOutputs } from '../projections/run/get-instances.js'
import { getRunParameters } from '../projections/run/get-runs.js'
import { readEnds } from '../projections/run/read-ends.js'
import type { RunRow } from '../projections/run/run-row.js'
import { archivedProblems } from './archived.js'
import type { Plans } from './plans.js'
import { isRefusal, type Prepared, rejection } from './prepared.js'
import { checkedParameters, ofDag, planOfVersion, prepareRun, versionIdOf } from './trigger-run.js'

export interface RerunRequest {
  readonly scope: RerunScope
  readonly taskKeys: readonly string[] | null
  /** Of the DAG's version; null: the parent's. */
  readonly version: number | null
}

/** A new run that takes over from its parent, which has ended, what is not to be run again. */
export async function prepareRerun(
  db: Reader,
  plans: Plans,
  parent: RunRow,
  request: RerunRequest,
): Promise<Prepared | Refused> {
  if (parent.endedAt === null) return refusedInState(`Run ${parent.id} must have ended, it is ${parent.status}`)
  const archived = await archivedProblems(db, parent.projectId, 'runId')
  if (archived.length > 0) return { rejections: archived }
  const { dagId, dagVersionId } = parent
  if (dagId === null || dagVersionId === null) return refusedInState(`Run ${parent.id} belongs to no DAG`)
  const versionId = await versionIdOf(db, dagId, request.version, dagVersionId)
  if (isRefusal(versionId)) return versionId
  const given = (await getRunParameters(db, [parent.id])).get(parent.id) ?? {}
  const parameters = await checkedParameters(db, versionId.id, given)
  if (isRefusal(parameters)) return parameters
  const plan = await planOfVersion(db, plans, versionId.id)
  const planned = planRerun(await readEnds(db, parent.id), plan, request.scope, request.taskKeys)
  if (isRefusal(planned)) return planned
  const id = newId('run') as RunId
  const { name, projectId, logicalDate, tags, priority } = parent
  return prepareRun(id, plan, await withOutputs(db, planned.reused), {
    ...ofDag({ id: dagId, name, projectId }, versionId.id),
    trigger: 'RERUN',
    parameters: parameters.values,
    logicalDate: logicalDate?.toISOString() ?? null,
    tags,
    priority,
    parentRunId: parent.id as RunId,
    rootRunId: parent.rootRunId as RunId,
    rerunScope: request.scope,
  })
}

/** Only what is taken over brings its output along. */
async function withOutputs(db: Reader, reused: readonly ReusedInstance[]): Promise<ReusedInstance[]> {
  if (reused.length === 0) return []
  const outputs = await getOutputs(
    db,
    reused.map(({ from }) => from),
  )
  return reused.map((instance) => ({ ...instance, output: outputs.get(instance.from) ?? null }))
}

function refusedInState(message: string): Refused {
  return { rejections: [rejection('NOT_ALLOWED_IN_STATE', message, 'runId')] }
}
