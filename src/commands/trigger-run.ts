import { compileParameters } from '../definitions/compile-parameters.js'
import { checkTemplateInputs, expressionsIn } from '../definitions/template-inputs.js'
import type { Plan } from '../domain/dag/plan.js'
import type { DagId, DagVersionId, ProjectId, RunId } from '../domain/ids.js'
import type { JsonObject } from '../domain/json.js'
import { type Refused, type Rejection, refuse } from '../domain/rejection.js'
import type { RequestRun } from '../domain/run/commands.js'
import type { RunRequested } from '../domain/run/events.js'
import { checkPriority } from '../domain/run/priority.js'
import { newId } from '../platform/ids.js'
import type { DagRow } from '../projections/dag/dag-row.js'
import { findDagVersions, getParametersSchemas } from '../projections/dag/dag-versions.js'
import type { Reader } from '../projections/list.js'
import { getTemplateSchemas } from '../projections/template/templates.js'
import { archivedProblems } from './archived.js'
import { closedQueueProblems } from './closed-queues.js'
import { inTurns } from './in-turns.js'
import type { Plans } from './plans.js'
import { isRefusal, type Prepared, rejection } from './prepared.js'

export interface TriggerRunRequest {
  /** Of the version; null: the latest. */
  readonly version: number | null
  readonly parameters: JsonObject
  readonly logicalDate: Date | null
  readonly tags: readonly string[]
  readonly priority: number
  /** Default MANUAL. */
  readonly trigger?: 'MANUAL' | 'SLA'
}

/** Of all tasks together. */
const TEMPLATES_DEADLINE_MS = 10_000
const MAX_TEMPLATE_PROBLEMS = 100
const MAX_TAGS = 50
const MAX_TAG_LENGTH = 100

/** A run of the DAG that was asked for; refused with everything that is wrong with the request at once. */
export async function prepareTriggerRun(
  db: Reader,
  plans: Plans,
  dag: DagRow,
  request: TriggerRunRequest,
): Promise<Prepared | Refused> {
  if (dag.deletedAt !== null) return refuse('NOT_ALLOWED_IN_STATE', `DAG ${dag.name} is deleted`, ['dagId'])
  const versionId = await versionIdOf(db, dag.id, request.version, dag.latestVersionId)
  if (isRefusal(versionId)) return versionId
  const parameters = await checkedParameters(db, versionId.id, request.parameters)
  const wrong = [
    ...(await archivedProblems(db, dag.projectId, 'dagId')),
    ...(isRefusal(parameters) ? parameters.rejections : []),
    ...checkTags(request.tags),
    ...checkPriority(request.priority),
  ]
  if (wrong.length > 0 || isRefusal(parameters)) return { rejections: wrong }
  const id = newId('run') as RunId
  const { tags, priority, trigger = 'MANUAL' } = request
  const logicalDate = request.logicalDate?.toISOString() ?? null
  const plan = await planOfVersion(db, plans, versionId.id)
  const facts = { name: dag.name, kind: 'DAG', trigger, logicalDate }
  const unfit = [
    ...(await closedQueueProblems(db, dag.projectId, plan.tasks, 'dagId')),
    ...(await checkTemplates(db, plan, parameters.values, facts)),
  ]
  if (unfit.length > 0) return { rejections: unfit }
  return prepareRun(id, plan, [], {
    ...ofDag(dag, versionId.id),
    trigger,
    parameters: parameters.values,
    logicalDate,
    tags: [...new Set(tags)],
    priority,
    parentRunId: null,
    rootRunId: id,
    rerunScope: null,
  })
}

/** What every run of a DAG says about where it came from. */
export function ofDag(dag: Pick<DagRow, 'id' | 'name' | 'projectId'>, versionId: string) {
  return {
    kind: 'DAG' as const,
    name: dag.name,
    projectId: dag.projectId as ProjectId,
    dagId: dag.id as DagId,
    dagVersionId: versionId as DagVersionId,
    plan: null,
  }
}

export function prepareRun(
  id: RunId,
  plan: Plan,
  reused: RequestRun['reused'],
  request: RunRequested,
  isQueued = false,
): Prepared {
  return {
    streamId: id,
    command: { aggregate: 'run', command: { type: 'RequestRun', plan, reused, request, isQueued } },
  }
}

/** The DAG's version of that number, or the one to take when none is named. */
export async function versionIdOf(
  db: Reader,
  dagId: string,
  number: number | null,
  otherwise: string,
): Promise<{ readonly id: string } | Refused> {
  if (number === null) return { id: otherwise }
  const [version] = await findDagVersions(db, [{ dagId, number }])
  if (version !== undefined) return version
  return { rejections: [rejection('NOT_FOUND', `The DAG has no version ${number}`, 'version')] }
}

/** The values with the version's defaults applied, or what is wrong with them. */
export async function checkedParameters(
  db: Reader,
  versionId: string,
  values: JsonObject,
): Promise<{ readonly values: JsonObject } | Refused> {
  return parametersBy((await getParametersSchemas(db, [versionId])).get(versionId), values)
}

/** As `checkedParameters`, by the version's schema; undefined: it declares none. */
export function parametersBy(
  schema: JsonObject | undefined,
  values: JsonObject,
): { readonly values: JsonObject } | Refused {
  const result = compileParameters(schema).applyDefaultsAndValidate(values)
  if ('values' in result) return result
  return { rejections: result.problems.map((problem) => ({ ...problem, path: ['parameters', ...problem.path] })) }
}

/** What the run's parameters make of the inputs of templates, where these depend on them: every value that does not fit. */
export async function checkTemplates(
  db: Reader,
  plan: Plan,
  parameters: JsonObject,
  run: JsonObject,
): Promise<Rejection[]> {
  const used = plan.tasks.filter(({ inputs }) => inputs !== undefined && expressionsIn(inputs).length > 0)
  const schemas = await getTemplateSchemas(db, [...new Set(used.flatMap(({ template }) => template ?? []))])
  const rejections: Rejection[] = []
  const isDone = await inTurns(used, TEMPLATES_DEADLINE_MS, ({ key, template, inputs = {} }) => {
    const found = schemas.get(template ?? '')
    if (found === undefined) throw new Error(`Template ${template} is missing`)
    const wish = {
      inputs,
      schema: found.schema,
      template: `${found.name}@${found.version}`,
      path: ['tasks', key, 'with'],
    }
    const problems = checkTemplateInputs(wish, { parameters, outputs: {}, run })
    rejections.push(...problems.map((message) => rejection('SCHEMA_VIOLATION', message, 'parameters')))
  })
  if (isDone) return rejections.slice(0, MAX_TEMPLATE_PROBLEMS)
  const rule = `must take less than ${TEMPLATES_DEADLINE_MS} ms to check`
  return [rejection('TOO_LARGE', `The inputs of the DAG's templates ${rule}`, 'parameters')]
}

export async function planOfVersion(db: Reader, plans: Plans, versionId: string): Promise<Plan> {
  const plan = (await plans.load(db as never, [versionId])).get(versionId)
  if (plan === undefined) throw new Error(`DAG version ${versionId} has no definition`)
  return plan
}

export function checkTags(tags: readonly string[]): Rejection[] {
  if (tags.length > MAX_TAGS) {
    return [rejection('TOO_LARGE', `A run takes at most ${MAX_TAGS} tags, given ${tags.length}`, 'tags')]
  }
  return tags.flatMap((tag, index) => {
    if (tag.trim().length > 0 && tag.length <= MAX_TAG_LENGTH) return []
    return [rejection('INVALID', `A tag must have 1 to ${MAX_TAG_LENGTH} characters`, 'tags', String(index))]
  })
}
