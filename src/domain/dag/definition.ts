import type { TemplateId } from '../ids.js'
import type { Json, JsonObject } from '../json.js'
import type { ScheduleDefinition } from '../schedule/schedule-definition.js'
import type { VerdictDefinition } from './verdict.js'

/**
 * The DAG file as it was written, after it was found valid: short forms, units and defaults as the author chose them.
 * It is what a version keeps for ever; `planOf` gives it its meaning. `schema/dag.schema.json` describes the same shape.
 */
export interface DagDefinition {
  readonly name: string
  readonly description?: string
  readonly taskType?: string
  readonly tags?: readonly string[]
  readonly skipFailed?: boolean
  readonly maxParallel?: number
  readonly timeout?: Duration
  /** JSON Schema (draft 2020-12) of the run's parameters. */
  readonly parameters?: JsonObject
  readonly schedule?: ScheduleDefinition
  readonly defaults?: TaskDefaults
  /** By task key, in the file's order. A DAG of one task has its fields at the top level instead. */
  readonly tasks: { readonly [key: string]: TaskDefinition }
  /** What its tasks' `template`s were when it was published, by `name@version`; no file says this itself. */
  readonly templates?: { readonly [reference: string]: PinnedTemplate }
}

export interface PinnedTemplate {
  readonly id: TemplateId
  readonly definition: TemplateDefinition
}

/** `90s`, `1h30m`, `1d`, `250ms`, or a number of seconds. */
export type Duration = string | number

/** `512MB` is 10^6 bytes, `512MiB` 2^20 bytes, a number is bytes. */
export type MemorySize = string | number

export const TRIGGER_RULES = [
  'ALL_SUCCESS',
  'ALL_FAILED',
  'ALL_DONE',
  'ALL_DONE_MIN_ONE_SUCCESS',
  'ONE_SUCCESS',
  'ONE_FAILED',
  'ONE_DONE',
  'NONE_FAILED',
  'NONE_SKIPPED',
  'NONE_FAILED_MIN_ONE_SUCCESS',
  'ALL_SKIPPED',
  'ALWAYS',
] as const

/** Airflow's names; ALWAYS waits for nothing. */
export type TriggerRule = (typeof TRIGGER_RULES)[number]

export type Backoff = 'CONSTANT' | 'LINEAR' | 'EXPONENTIAL'

export interface RetryDefinition {
  /** Counts the first attempt too; default 1. */
  readonly maxAttempts?: number
  /** Default 0. */
  readonly delay?: Duration
  /** Default CONSTANT. */
  readonly backoff?: Backoff
  /** Default 1h. */
  readonly maxDelay?: Duration
  /** Full jitter: a delay between half of it and all of it; default false. */
  readonly jitter?: boolean
  /** Only these exit codes are tried again; left out: every failure. */
  readonly onExitCodes?: readonly number[]
}

/** What a task takes from `defaults` when it does not say otherwise. */
export interface TaskDefaults {
  readonly queue?: string
  readonly machine?: string
  /** All of them the machine must have; instead of its name. */
  readonly labels?: readonly string[]
  readonly directory?: string
  readonly env?: { readonly [name: string]: Json }
  readonly timeout?: Duration
  readonly grace?: Duration
  /** Of each wait for capacity. */
  readonly queueTimeout?: Duration
  /** For commands and scripts. */
  readonly verdict?: VerdictDefinition
  readonly retry?: RetryDefinition
  readonly resources?: { readonly cpu?: number; readonly memory?: MemorySize }
  readonly priority?: number
  readonly interpreter?: string
}

export interface HttpDefinition {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  /** A value is a string, or `{ "$value": "<CEL>" }`. */
  readonly headers?: { readonly [name: string]: Json }
  readonly query?: { readonly [name: string]: Json }
  /** JSON; `{ "$value": "<CEL>" }` anywhere in it is replaced by the expression's value. */
  readonly body?: Json
  /** The statuses that count as success; default 200-299. */
  readonly expectStatus?: readonly number[]
}

export interface ThreadDefinition {
  /** A file in the servers' folder of modules. */
  readonly module: string
  /** Default `default`. */
  readonly export?: string
  /** JSON; `{ "$value": "<CEL>" }` anywhere in it is replaced by the expression's value. Default `{}`. */
  readonly input?: Json
  /** Of its heap; default 128MB. */
  readonly memory?: MemorySize
}

/** Exactly one of `run`, `script`, `http`, `thread`, `noop` and `template` says what the task does. */
export interface TaskDefinition extends TaskDefaults {
  readonly name?: string
  readonly tags?: readonly string[]
  readonly needs?: readonly string[]
  readonly when?: TriggerRule
  /** CEL over `parameters`, `outputs["task"]` and `run`. */
  readonly if?: string
  /** An instance for each element: a list, CEL for one, or `task.key` of an output of what it needs. */
  readonly forEach?: string | readonly Json[]
  readonly run?: string
  /** A user of its machine, by name; default the login. */
  readonly user?: string
  readonly script?: string
  readonly arguments?: readonly string[]
  readonly http?: HttpDefinition
  readonly thread?: ThreadDefinition
  readonly noop?: Readonly<Record<string, never>>
  /** It may be done twice: an in-process engine repeats it after its dispatcher was lost. */
  readonly idempotent?: boolean
  /** `name@version` once published; a file may leave the version out and means the latest. */
  readonly template?: string
  /** Of the template's parameters, its defaults applied once published; `{ "$value": "<CEL>" }` takes a value of the run. */
  readonly with?: JsonObject
}

/** What a template says of the tasks that use it: everything but their place in a DAG. */
export type TemplateDefinition = Omit<
  TaskDefinition,
  'name' | 'needs' | 'when' | 'if' | 'forEach' | 'template' | 'with'
>

/** The definition with its tasks in that order, which its plan follows. */
export function withTaskOrder(definition: DagDefinition, taskKeys: readonly string[]): DagDefinition {
  // Entries, not assignment: a task may be called `__proto__`.
  const tasks = Object.fromEntries(taskKeys.map((key) => [key, definition.tasks[key] as TaskDefinition]))
  return { ...definition, tasks }
}
