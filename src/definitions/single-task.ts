import type { Engine } from '../domain/dag/action.js'
import type { Json, JsonObject } from '../domain/json.js'
import { asObject, own } from './json-access.js'

/** The key by which a task says what to do, by engine. */
export const KEY_OF_ENGINE = {
  shell: 'run',
  script: 'script',
  http: 'http',
  thread: 'thread',
  noop: 'noop',
} as const satisfies Record<Engine, string>

/** What a task does is said by exactly one of these. */
export const ENGINE_KEYS = [...Object.values(KEY_OF_ENGINE), 'template'] as const

/** Keys that belong to the task when a DAG of one task is written without `tasks`. */
export const SINGLE_TASK_KEYS = [
  ...ENGINE_KEYS,
  'with',
  'arguments',
  'interpreter',
  'directory',
  'env',
  'machine',
  'labels',
  'user',
  'queue',
  'resources',
  'priority',
  'retry',
  'queueTimeout',
  'verdict',
  'grace',
  'idempotent',
  'if',
  'forEach',
] as const

const TASK_KEY = /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/

/** The key of the only task of the short form: the DAG's name where that is a task key, else `main`. */
export function singleTaskKey(name: Json | undefined): string {
  return typeof name === 'string' && TASK_KEY.test(name) ? name : 'main'
}

/**
 * The short form as the long one: the task's keys move into `tasks`; all others (`name`, `timeout`, `tags` ...) stay the
 * DAG's. A file with `tasks` is returned as it is.
 */
export function expandSingleTask(file: JsonObject): JsonObject {
  if (asObject(own(file, 'tasks')) !== null) return file
  const task: JsonObject = {}
  const dag: JsonObject = {}
  for (const [key, value] of Object.entries(file)) {
    const isTasks = (SINGLE_TASK_KEYS as readonly string[]).includes(key)
    ;(isTasks ? task : dag)[key] = value
  }
  return { ...dag, tasks: { [singleTaskKey(own(file, 'name'))]: task } }
}
