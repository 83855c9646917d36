import { checkTask } from '../definitions/check-task.js'
import { compileParameters } from '../definitions/compile-parameters.js'
import { singleTaskKey } from '../definitions/single-task.js'
import { expressionsIn } from '../definitions/template-inputs.js'
import type { DagDefinition, TaskDefinition } from '../domain/dag/definition.js'
import { planOf } from '../domain/dag/plan.js'
import type { ProjectId, RunId } from '../domain/ids.js'
import type { Json, JsonObject } from '../domain/json.js'
import { type Refused, type Rejection, refuse } from '../domain/rejection.js'
import { checkPriority } from '../domain/run/priority.js'
import { newId } from '../platform/ids.js'
import type { Reader } from '../projections/list.js'
import { findTemplates } from '../projections/template/templates.js'
import { archivedProblems } from './archived.js'
import { CHECK_DEADLINE_MS, unknownReferences } from './check-source.js'
import { closedQueueProblems } from './closed-queues.js'
import { pinTemplates } from './pin-templates.js'
import { isRefusal, type Prepared, rejection } from './prepared.js'
import { checkTags, checkTemplates, prepareRun } from './trigger-run.js'

export interface RunTaskRequest {
  readonly projectId: string
  readonly name: string
  /** By name; null: `task` says what to do. */
  readonly template: string | null
  /** Null: the latest. */
  readonly templateVersion: number | null
  readonly task: JsonObject | null
  readonly parameters: JsonObject
  readonly tags: readonly string[]
  readonly priority: number
}

interface Checked {
  readonly definition: DagDefinition
  readonly parameters: JsonObject
}

const MAX_NAME = 200
const KEY = 'task'

/** A run of one task that belongs to no DAG; refused with everything that is wrong with the request at once. */
export async function prepareRunTask(db: Reader, request: RunTaskRequest): Promise<Prepared | Refused> {
  const { name, projectId, tags, priority } = request
  const checked = await checkWish(db, request)
  const wrong = [
    ...(await archivedProblems(db, projectId, 'projectId')),
    ...checkName(name),
    ...(isRefusal(checked) ? checked.rejections : []),
    ...checkTags(tags),
    ...checkPriority(priority),
  ]
  if (isRefusal(checked) || wrong.length > 0) return { rejections: wrong }
  const key = singleTaskKey(name)
  const task = checked.definition.tasks[KEY] as TaskDefinition
  const plan = planOf({ ...checked.definition, name, tasks: { [key]: task } })
  const { parameters } = checked
  const facts = { name, kind: 'TASK', trigger: 'MANUAL', logicalDate: null }
  const closed = await closedQueueProblems(db, projectId, plan.tasks, request.template === null ? KEY : 'template')
  const unfit = await checkTemplates(db, plan, parameters, facts)
  const problems = [...closed, ...unfit]
  if (problems.length > 0) return { rejections: problems }
  const id = newId('run') as RunId
  return prepareRun(id, plan, [], {
    kind: 'TASK',
    name,
    projectId: projectId as ProjectId,
    dagId: null,
    dagVersionId: null,
    plan,
    trigger: 'MANUAL',
    parameters,
    logicalDate: null,
    tags: [...new Set(tags)],
    priority,
    parentRunId: null,
    rootRunId: id,
    rerunScope: null,
  })
}

function checkName(name: string): Rejection[] {
  if (name.trim().length > 0 && name.length <= MAX_NAME) return []
  return [rejection('INVALID', `A task's name must have 1 to ${MAX_NAME} characters, given ${name.length}`, 'name')]
}

async function checkWish(db: Reader, request: RunTaskRequest): Promise<Checked | Refused> {
  const { template, task, templateVersion } = request
  if (template !== null && task !== null) {
    return refuse('INVALID', 'A task takes template or task, given both', ['task'])
  }
  if (template !== null) return fromTemplate(db, template, request)
  if (templateVersion !== null) {
    return refuse('INVALID', 'templateVersion must be left out without a template', ['templateVersion'])
  }
  if (task !== null) return inline(db, task, request)
  return refuse('REQUIRED', 'A task needs template or task, given none', ['template'])
}

/** The template's parameters are the run's. */
async function fromTemplate(
  db: Reader,
  name: string,
  { templateVersion: version, parameters }: RunTaskRequest,
): Promise<Checked | Refused> {
  const found = (await findTemplates(db, [{ reference: name, name, version }])).get(name)
  if (found === undefined) {
    const message = `Template ${name}${version === null ? '' : `@${version}`} does not exist`
    return refuse('NOT_FOUND', message, [version === null ? 'template' : 'templateVersion'])
  }
  const reference = `${found.name}@${found.version}`
  const result = compileParameters(found.parametersSchema).applyDefaultsAndValidate(parameters, {
    owner: `template ${reference}`,
  })
  if ('problems' in result) {
    return { rejections: result.problems.map((problem) => ({ ...problem, path: ['parameters', ...problem.path] })) }
  }
  const { id, definition: says } = found
  const given = Object.entries(result.values).map(([key, value]) => [key, asData(key, value)])
  const task: TaskDefinition = { template: reference, with: Object.fromEntries(given) }
  const templates = { [reference]: { id, definition: says } }
  return { definition: { name, tasks: { [KEY]: task }, templates }, parameters: result.values }
}

/** What the caller gives is data, also where it looks like an expression. */
function asData(name: string, value: Json): Json {
  return expressionsIn(value).length === 0 ? value : { $value: `parameters[${JSON.stringify(name)}]` }
}

async function inline(
  db: Reader,
  task: JsonObject,
  { parameters: values, projectId }: RunTaskRequest,
): Promise<Checked | Refused> {
  const checked = await checkTask(task, KEY, [], CHECK_DEADLINE_MS)
  const parameters = compileParameters(undefined).applyDefaultsAndValidate(values)
  const wrong = 'problems' in parameters ? parameters.problems : []
  const rejections: Rejection[] = wrong.map((problem) => ({ ...problem, path: ['parameters', ...problem.path] }))
  if (!('tasks' in checked)) return { rejections: [...checked, ...rejections] }
  const pinned = await pinTemplates(db, checked)
  const unknown = [...pinned.rejections, ...(await unknownReferences(db, pinned.definition, projectId))]
  rejections.push(
    ...unknown.map(({ code, message, path }) => ({
      code,
      message: message.replaceAll('tasks.task', KEY),
      path: [KEY, ...path.slice(2)],
    })),
  )
  if (rejections.length > 0 || 'problems' in parameters) return { rejections }
  return { definition: pinned.definition, parameters: parameters.values }
}
