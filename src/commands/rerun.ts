import type { Plan } from '../domain/dag/plan.js'
import type { RunId } from '../domain/ids.js'
import type { JsonObject } from '../domain/json.js'
import { type Refused, refuse } from '../domain/rejection.js'
import type { ReusedInstance } from '../domain/run/commands.js'
import type { RerunScope, RunRequested } from '../domain/run/events.js'
import { planRerun } from '../domain/run/rerun.js'
import { readStreamHeads } from '../history/lock-streams.js'
import { readStream } from '../history/read-events.js'
import { newId } from '../platform/ids.js'
import { getDags } from '../projections/dag/get-dags.js'
import type { Reader } from '../projections/list.js'
import { getOutputs } from '../projections/run/get-instances.js'
import { getRunParameters } from '../projections/run/get-runs.js'
import { readEnds } from '../projections/run/read-ends.js'
import type { RunRow } from '../projections/run/run-row.js'
import { archivedProblems } from './archived.js'
import { closedQueueProblems } from './closed-queues.js'
import type { Plans } from './plans.js'
import { isRefusal, type Prepared, rejection } from './prepared.js'
import { checkedParameters, checkTemplates, ofDag, planOfVersion, prepareRun, versionIdOf } from './trigger-run.js'

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
  const basis = await (parent.dagId === null
    ? ownBasis(db, parent, request)
    : dagBasis(db, plans, parent, parent.dagId, request))
  if (isRefusal(basis)) return basis
  const { plan, of, parameters } = basis
  const { id: parentId, name, kind, tags, priority } = parent
  const logicalDate = parent.logicalDate?.toISOString() ?? null
  const unfit = await checkTemplates(db, plan, parameters, { name, kind, trigger: 'RERUN', logicalDate })
  if (unfit.length > 0) return { rejections: unfit }
  const planned = planRerun(await readEnds(db, parentId), plan, request.scope, request.taskKeys)
  if (isRefusal(planned)) return planned
  const reused = new Set(planned.reused.map(({ task }) => task))
  const again = plan.tasks.filter(({ key }) => !reused.has(key))
  const closed = await closedQueueProblems(db, parent.projectId, again, 'runId')
  if (closed.length > 0) return { rejections: closed }
  return prepareRun(newId('run') as RunId, plan, await withOutputs(db, planned.reused), {
    ...of,
    trigger: 'RERUN',
    parameters,
    logicalDate,
    tags,
    priority,
    parentRunId: parentId as RunId,
    rootRunId: parent.rootRunId as RunId,
    rerunScope: request.scope,
  })
}

/** What a new run is a run of. */
interface Basis {
  readonly plan: Plan
  readonly of: Pick<RunRequested, 'kind' | 'name' | 'description' | 'projectId' | 'dagId' | 'dagVersionId' | 'plan'>
  readonly parameters: JsonObject
}

/** A version of the parent's DAG. */
async function dagBasis(
  db: Reader,
  plans: Plans,
  parent: RunRow,
  dagId: string,
  { version }: RerunRequest,
): Promise<Basis | Refused> {
  const [dag] = await getDags(db, [dagId], null)
  if (dag?.deletedAt != null) return refusedInState(`Run ${parent.id} belongs to a DAG that is deleted`)
  const versionId = await versionIdOf(db, dagId, version, parent.dagVersionId as string)
  if (isRefusal(versionId)) return versionId
  const parameters = await checkedParameters(db, versionId.id, await parametersOf(db, parent))
  if (isRefusal(parameters)) return parameters
  const { name, projectId } = parent
  const of = ofDag({ id: dagId, name, projectId }, versionId.id)
  return { plan: await planOfVersion(db, plans, versionId.id), of, parameters: parameters.values }
}

/** The plan that the parent, a run without a DAG, brought with it. */
async function ownBasis(db: Reader, parent: RunRow, { version }: RerunRequest): Promise<Basis | Refused> {
  if (version !== null)
    return refuse('NOT_FOUND', `Run ${parent.id} belongs to no DAG, so it has no versions`, ['version'])
  const head = (await readStreamHeads(db as never, [parent.id])).get(parent.id)
  const [first] = head === undefined ? [] : await readStream(db as never, head, 0, 1)
  const requested = first === undefined ? null : (JSON.parse(first.dataText) as RunRequested)
  if (requested?.plan == null) throw new Error(`${parent.id} has no plan`)
  const { kind, name, description, projectId, plan } = requested
  const said = description === undefined ? {} : { description }
  const of = { kind, name, ...said, projectId, dagId: null, dagVersionId: null, plan }
  return { plan, of, parameters: await parametersOf(db, parent) }
}

async function parametersOf(db: Reader, { id }: RunRow): Promise<JsonObject> {
  return (await getRunParameters(db, [id])).get(id) ?? {}
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
