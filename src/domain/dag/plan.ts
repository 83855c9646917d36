import type { TemplateId } from '../ids.js'
import type { Json, JsonObject } from '../json.js'
import { type Action, actionOf, type Engine, needsMachine } from './action.js'
import type {
  Backoff,
  DagDefinition,
  Duration,
  PinnedTemplate,
  TaskDefaults,
  TaskDefinition,
  TriggerRule,
} from './definition.js'
import { executionOrder } from './execution-order.js'
import { listExpression } from './list-expression.js'
import { bytesOf, millisecondsOf } from './units.js'

/** What a run follows: a definition with every default applied and every unit resolved, tasks by ordinal. */
export interface Plan {
  readonly skipFailed: boolean
  /** Instances of one run at a time; null: as many as there is capacity for. */
  readonly maxParallel: number | null
  /** Once one has failed, what has not been dispatched is skipped; left out where it is not so. */
  readonly stopOnFailure?: true
  readonly timeoutMs: number | null
  readonly tags: readonly string[]
  readonly tasks: readonly PlannedTask[]
}

export interface PlannedTask {
  /** Its place in the file, from 0: the index into `Plan.tasks`. */
  readonly ordinal: number
  readonly key: string
  readonly name: string
  /** 1-based topological order, ties in the file's order. */
  readonly executionOrder: number
  readonly needs: readonly number[]
  readonly triggerRule: TriggerRule
  readonly condition: string | null
  /** A list, or an expression for one: an instance for each of its elements. Left out: one instance. */
  readonly forEach?: string | readonly Json[]
  /** The ordinal of the task whose element it is; only in what a run makes of its plan. */
  readonly elementOf?: number
  readonly engine: Engine
  readonly queue: string
  /** A machine by name; null: any machine of the queue's pool, or none where the engine needs none. */
  readonly machine: string | null
  /** All of them a machine of the queue's pool must have; left out where none are asked for. */
  readonly labels?: readonly string[]
  readonly cpu: number
  readonly memoryBytes: number
  /** The task's own, -100..100; the run's is added to it. */
  readonly priority: number
  readonly tags: readonly string[]
  readonly timeoutMs: number | null
  /** Between TERM and KILL. */
  readonly graceMs: number
  /** Of each wait for capacity; left out where it may last for ever. */
  readonly queueTimeoutMs?: number
  readonly retry: RetryPlan
  readonly isIdempotent: boolean
  readonly action: Action
  /** What it was made from; left out where the task says all of it itself. */
  readonly template?: TemplateId
  /** What `with` gives, besides the run's parameters; left out without a template. */
  readonly inputs?: JsonObject
}

export interface RetryPlan {
  readonly maxAttempts: number
  readonly delayMs: number
  readonly backoff: Backoff
  readonly maxDelayMs: number
  readonly jitter: boolean
  readonly onExitCodes: readonly number[] | null
}

const NO_RETRY: RetryPlan = {
  maxAttempts: 1,
  delayMs: 0,
  backoff: 'CONSTANT',
  maxDelayMs: 3_600_000,
  jitter: false,
  onExitCodes: null,
}

/**
 * The meaning of a valid definition; the same definition gives the same plan for ever, since runs are replayed with it.
 * Throws on a definition that was never checked (an unknown need, a cycle).
 */
export function planOf(definition: DagDefinition): Plan {
  const keys = Object.keys(definition.tasks)
  const ordinals = new Map(keys.map((key, ordinal) => [key, ordinal]))
  const needs = keys.map((key) => needsOf(definition.tasks[key] as TaskDefinition, ordinals))
  const order = executionOrder(needs)
  return {
    skipFailed: definition.skipFailed ?? false,
    maxParallel: definition.maxParallel ?? null,
    timeoutMs: definition.timeout === undefined ? null : millisecondsOf(definition.timeout),
    tags: definition.tags ?? [],
    tasks: keys.map((key, ordinal) =>
      plannedTask(definition, key, ordinal, needs[ordinal] as number[], order[ordinal] as number),
    ),
  }
}

function needsOf(task: TaskDefinition, ordinals: ReadonlyMap<string, number>): number[] {
  return (task.needs ?? []).map((need) => {
    const ordinal = ordinals.get(need)
    if (ordinal === undefined) throw new Error(`Unknown need: ${need}`)
    return ordinal
  })
}

function plannedTask(
  definition: DagDefinition,
  key: string,
  ordinal: number,
  needs: readonly number[],
  order: number,
): PlannedTask {
  const task = effectiveTask(definition, key)
  const defaults = definition.defaults ?? {}
  const timeout = task.timeout ?? defaults.timeout
  const action = actionOf(definition, task)
  // What takes no slot of a machine takes none of its capacity either, whatever `defaults` say.
  const resources = needsMachine(action.engine) ? { ...defaults.resources, ...task.resources } : {}
  return {
    ordinal,
    key,
    name: task.name ?? key,
    executionOrder: order,
    needs,
    triggerRule: task.when ?? 'ALL_SUCCESS',
    condition: task.if ?? null,
    ...forEachOf(definition.tasks[key] as TaskDefinition),
    engine: action.engine,
    queue: task.queue ?? defaults.queue ?? 'default',
    ...(needsMachine(action.engine) ? whereOf(task, defaults) : { machine: null }),
    cpu: resources.cpu ?? 0,
    memoryBytes: resources.memory === undefined ? 0 : bytesOf(resources.memory),
    priority: task.priority ?? defaults.priority ?? 0,
    tags: task.tags ?? [],
    timeoutMs: timeout === undefined ? null : millisecondsOf(timeout),
    graceMs: millisecondsOf(task.grace ?? defaults.grace ?? 10),
    ...queueTimeoutOf(task.queueTimeout ?? defaults.queueTimeout),
    retry: retryOf(definition, task),
    isIdempotent: task.idempotent ?? false,
    action,
    ...templateOf(definition, definition.tasks[key] as TaskDefinition),
  }
}

function forEachOf({ forEach, needs = [] }: TaskDefinition): Pick<PlannedTask, 'forEach'> {
  if (forEach === undefined) return {}
  return { forEach: typeof forEach === 'string' ? listExpression(forEach, needs) : forEach }
}

function queueTimeoutOf(queueTimeout: Duration | undefined): Pick<PlannedTask, 'queueTimeoutMs'> {
  return queueTimeout === undefined ? {} : { queueTimeoutMs: millisecondsOf(queueTimeout) }
}

/** What labels the machine of a task is to have, by a definition that was checked; none: it does not ask for any. */
export function labelsOf(definition: DagDefinition, key: string): readonly string[] {
  if (!Object.hasOwn(definition.tasks, key)) return []
  return whereOf(effectiveTask(definition, key), definition.defaults ?? {}).labels ?? []
}

function templateOf(definition: DagDefinition, { template, with: inputs = {} }: TaskDefinition) {
  if (template === undefined) return {}
  return { template: pinned(definition, template).id, inputs }
}

function pinned({ templates }: DagDefinition, reference: string): PinnedTemplate {
  const found = templates !== undefined && Object.hasOwn(templates, reference) ? templates[reference] : undefined
  if (found === undefined) throw new Error(`Unknown template: ${reference}`)
  return found
}

/**
 * The task with what its template says; its own word goes before the template's, key by key in `env`, `retry` and
 * `resources`, and for `machine` and `labels` whichever of the two it uses.
 */
export function effectiveTask(definition: DagDefinition, key: string): TaskDefinition {
  const { template, with: _, ...own } = definition.tasks[key] as TaskDefinition
  if (template === undefined) return own
  const { machine, labels, ...base } = pinned(definition, template).definition
  const isPlaced = own.machine !== undefined || own.labels !== undefined
  const place = isPlaced
    ? {}
    : { ...(machine === undefined ? {} : { machine }), ...(labels === undefined ? {} : { labels }) }
  return {
    ...base,
    ...place,
    ...own,
    ...merged('env', base, own),
    ...merged('retry', base, own),
    ...merged('resources', base, own),
  }
}

function merged(key: 'env' | 'retry' | 'resources', base: TaskDefinition, own: TaskDefinition): object {
  return base[key] === undefined || own[key] === undefined ? {} : { [key]: { ...base[key], ...own[key] } }
}

/** A task's own word goes before the defaults, whichever of the two keys it uses; a machine by name needs no labels. */
function whereOf(task: TaskDefinition, defaults: TaskDefaults): Pick<PlannedTask, 'machine' | 'labels'> {
  const isOwn = task.machine !== undefined || task.labels !== undefined
  const { machine = null, labels = [] } = isOwn ? task : defaults
  return machine !== null || labels.length === 0 ? { machine } : { machine, labels }
}

function retryOf(definition: DagDefinition, task: TaskDefinition): RetryPlan {
  const retry = { ...definition.defaults?.retry, ...task.retry }
  return {
    maxAttempts: retry.maxAttempts ?? NO_RETRY.maxAttempts,
    delayMs: retry.delay === undefined ? NO_RETRY.delayMs : millisecondsOf(retry.delay),
    backoff: retry.backoff ?? NO_RETRY.backoff,
    maxDelayMs: retry.maxDelay === undefined ? NO_RETRY.maxDelayMs : millisecondsOf(retry.maxDelay),
    jitter: retry.jitter ?? NO_RETRY.jitter,
    onExitCodes: retry.onExitCodes ?? NO_RETRY.onExitCodes,
  }
}
