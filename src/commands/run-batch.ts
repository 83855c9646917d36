import { checkDefinitionIsolated } from '../definitions/check-isolated.js'
import { MAX_PROBLEMS } from '../definitions/limits.js'
import type { DagDefinition, TaskDefinition } from '../domain/dag/definition.js'
import { type Plan, planOf } from '../domain/dag/plan.js'
import { scriptOf } from '../domain/dag/script.js'
import type { ProjectId, RunId } from '../domain/ids.js'
import type { JsonObject } from '../domain/json.js'
import { type Refused, type Rejection, refuse } from '../domain/rejection.js'
import { newId } from '../platform/ids.js'
import type { Reader } from '../projections/list.js'
import { archivedProblems } from './archived.js'
import { batchKeys } from './batch-keys.js'
import { CHECK_DEADLINE_MS, unknownReferences } from './check-source.js'
import { closedQueueProblems } from './closed-queues.js'
import { type Prepared, rejection } from './prepared.js'
import { prepareRun } from './trigger-run.js'

export interface BatchScript {
  /** Of a file on the machine; of a module of the server where it is executed as a THREAD. */
  readonly path: string
  readonly arguments: readonly string[]
  /** Null: by the path's extension. */
  readonly interpreter: string | null
  /** Null: the path's folder. */
  readonly module: string | null
  readonly timeoutSeconds: number | null
  readonly executor: 'PROCESS' | 'THREAD'
}

export interface RunBatchRequest {
  readonly projectId: string
  readonly name: string
  readonly description: string | null
  readonly scripts: readonly BatchScript[]
  readonly mode: 'SEQUENTIAL' | 'PARALLEL'
  /** Of PARALLEL; null: as many as there is capacity for. */
  readonly maxParallel: number | null
  readonly stopOnFailure: boolean
  /** By name; null: any machine of the queue's pool. */
  readonly machine: string | null
  /** By name; null: the default queue. */
  readonly queue: string | null
  /** As `verdict` of a DAG file. */
  readonly verdictRules: JsonObject | null
}

export const MAX_SCRIPTS = 10_000
const MAX_NAME = 200
const MAX_DESCRIPTION = 5_000
const MAX_MODULE = 200

/**
 * A run of scripts, each a task of a plan that the run brings along; refused with everything that is wrong at once. They need
 * nothing of each other: in a sequence no more than one is under way, and they begin in the order given.
 */
export async function prepareRunBatch(db: Reader, request: RunBatchRequest): Promise<Prepared | Refused> {
  const { projectId, name, description, scripts } = request
  if (scripts.length > MAX_SCRIPTS) {
    return refuse('TOO_LARGE', `A batch takes at most ${MAX_SCRIPTS} scripts, given ${scripts.length}`, ['scripts'])
  }
  const checked = scripts.length === 0 ? NO_SCRIPTS : await checkScripts(db, request)
  const wrong = [
    ...(await archivedProblems(db, projectId, 'projectId')),
    ...checkWords(request),
    ...checkParallel(request),
    ...checkJudged(request),
    ...checked.rejections,
  ]
  if (wrong.length > 0 || checked.definition === null) return { rejections: wrong }
  const id = newId('run') as RunId
  const plan = planOfBatch(checked.definition, request)
  const closed = await closedQueueProblems(db, projectId, plan.tasks, 'queueId')
  if (closed.length > 0) return { rejections: closed }
  return prepareRun(id, plan, [], {
    kind: 'BATCH',
    name,
    ...(description === null ? {} : { description }),
    projectId: projectId as ProjectId,
    dagId: null,
    dagVersionId: null,
    plan,
    trigger: 'MANUAL',
    parameters: {},
    logicalDate: null,
    tags: [],
    priority: 0,
    parentRunId: null,
    rootRunId: id,
    rerunScope: null,
  })
}

interface Checked {
  readonly definition: DagDefinition | null
  readonly rejections: readonly Rejection[]
}

const NO_SCRIPTS: Checked = {
  definition: null,
  rejections: [rejection('REQUIRED', 'A batch needs at least one script, given none', 'scripts')],
}

function checkWords({ name, description, scripts }: RunBatchRequest): Rejection[] {
  const wrong: Rejection[] = []
  if (name.trim().length === 0 || name.length > MAX_NAME) {
    wrong.push(
      rejection('INVALID', `A batch's name must have 1 to ${MAX_NAME} characters, given ${name.length}`, 'name'),
    )
  }
  if (description !== null && description.length > MAX_DESCRIPTION) {
    const rule = `A batch's description must have at most ${MAX_DESCRIPTION} characters`
    wrong.push(rejection('TOO_LARGE', `${rule}, given ${description.length}`, 'description'))
  }
  scripts.forEach(({ module }, at) => {
    if (module !== null && (module.trim().length === 0 || module.length > MAX_MODULE)) {
      const rule = `A module must have 1 to ${MAX_MODULE} characters`
      wrong.push(rejection('INVALID', `${rule}, given ${module.length}`, 'scripts', String(at), 'module'))
    }
  })
  return wrong.slice(0, MAX_PROBLEMS)
}

function checkParallel({ mode, maxParallel }: RunBatchRequest): Rejection[] {
  if (maxParallel === null) return []
  if (mode === 'SEQUENTIAL' && maxParallel !== 1) {
    return [
      rejection('INVALID', `A SEQUENTIAL batch runs one at a time, given maxParallel ${maxParallel}`, 'maxParallel'),
    ]
  }
  if (maxParallel >= 1 && maxParallel <= MAX_SCRIPTS) return []
  return [rejection('INVALID', `maxParallel must be from 1 to ${MAX_SCRIPTS}, given ${maxParallel}`, 'maxParallel')]
}

/** Verdicts are read from what a process leaves behind. */
function checkJudged({ verdictRules, scripts }: RunBatchRequest): Rejection[] {
  const at = scripts.findIndex(({ executor }) => executor === 'THREAD')
  if (verdictRules === null || at < 0) return []
  const rule = 'verdictRules judge scripts that are executed as a PROCESS'
  return [rejection('INVALID', `${rule}, given scripts[${at}] as a THREAD`, 'verdictRules')]
}

/** By the rules of DAG files: a batch is one whose tasks need nothing. */
async function checkScripts(db: Reader, request: RunBatchRequest): Promise<Checked> {
  const keys = batchKeys(request.scripts.map(({ path }) => path))
  const source = JSON.stringify(sourceOf(request, keys))
  const { definition, problems } = await checkDefinitionIsolated(source, CHECK_DEADLINE_MS)
  const found = definition === null ? problems : await unknownReferences(db, definition, request.projectId)
  const places = new Map(keys.map((key, at) => [key, String(at)]))
  const rejections = found.map(({ code, message, path }) => inWordsOfInput({ code, message, path }, places))
  return { definition, rejections }
}

function sourceOf(request: RunBatchRequest, keys: readonly string[]): object {
  const { machine, queue, verdictRules } = request
  const tasks = request.scripts.map((script, at) => {
    const { path, arguments: args, interpreter, timeoutSeconds, executor } = script
    const task: TaskDefinition = {
      ...(executor === 'THREAD'
        ? { thread: { module: path, input: { arguments: [...args] } } }
        : { script: path, ...(args.length === 0 ? {} : { arguments: args }) }),
      ...(interpreter === null ? {} : { interpreter }),
      ...(timeoutSeconds === null ? {} : { timeout: timeoutSeconds }),
    }
    return [keys[at] as string, task] as const
  })
  const defaults = {
    ...(machine === null ? {} : { machine }),
    ...(queue === null ? {} : { queue }),
    ...(verdictRules === null ? {} : { verdict: verdictRules }),
  }
  return {
    name: 'batch',
    ...(Object.keys(defaults).length === 0 ? {} : { defaults }),
    tasks: Object.fromEntries(tasks),
  }
}

const INPUT_FIELDS: Readonly<Record<string, string>> = {
  machine: 'machineId',
  queue: 'queueId',
  verdict: 'verdictRules',
  script: 'path',
  thread: 'path',
  timeout: 'timeoutSeconds',
}

/** `tasks.login_py.script` of the definition is `scripts.3.path` of the input. */
function inWordsOfInput({ code, message, path }: Rejection, places: ReadonlyMap<string, string>): Rejection {
  const [holder = '', key = '', field = '', ...rest] = path
  const inInput = (name: string) => INPUT_FIELDS[name] ?? name
  if (holder === 'defaults') {
    const to = [inInput(key), ...(field === '' ? [] : [field]), ...rest]
    return { code, message: message.replace(/^defaults\.\w+/, inInput(key)), path: to }
  }
  const place = places.get(key)
  if (holder !== 'tasks' || place === undefined) return { code, message, path: ['scripts'] }
  // `thread.module` is the path; its input is nothing but arguments.
  const inner = field === 'thread' ? rest.slice(1) : rest
  const to = ['scripts', place, ...(field === '' ? [] : [inInput(field)]), ...inner]
  const said = message.replace(
    /^tasks\.(?:[\w-]+|"[^"]*")(?:\.thread\.module|\.\w+)?/,
    `scripts[${place}]${field === '' ? '' : `.${inInput(field)}`}`,
  )
  return { code, message: said, path: to }
}

function planOfBatch(definition: DagDefinition, { scripts, mode, maxParallel, stopOnFailure }: RunBatchRequest): Plan {
  const plan = planOf(definition)
  return {
    ...plan,
    maxParallel: mode === 'SEQUENTIAL' ? 1 : maxParallel,
    ...(stopOnFailure ? { stopOnFailure } : {}),
    tasks: plan.tasks.map((task) => {
      const { path, module } = scripts[task.ordinal] as BatchScript
      const action = module === null || scriptOf(task.action) === null ? task.action : { ...task.action, module }
      return { ...task, name: path, action }
    }),
  }
}
