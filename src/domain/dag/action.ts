import type { Json, JsonObject } from '../json.js'
import type { DagDefinition, TaskDefinition } from './definition.js'
import { bytesOf } from './units.js'
import { type VerdictPlan, verdictPlanOf } from './verdict.js'

export type Engine = 'shell' | 'script' | 'http' | 'thread' | 'noop'

/** What an engine is given. */
export type Action = ProcessAction | HttpAction | ThreadAction | { readonly engine: 'noop' }

export interface ProcessAction {
  readonly engine: 'shell' | 'script'
  /** shell: text for `sh -c`; script: the path of a file on the machine. */
  readonly command: string
  readonly arguments: readonly string[]
  /** script only; null: by the file's extension, or its own `#!` line. */
  readonly interpreter: string | null
  readonly directory: string | null
  readonly environment: { readonly [name: string]: Json }
  /** Where its verdict is read; left out: it has none. */
  readonly verdict?: VerdictPlan
  /** script only: what a batch said of it; left out: nothing. */
  readonly module?: string
  /** Whom it runs as on its machine; left out: the one who logs in there, or whom the server runs tasks as. */
  readonly user?: string
}

export interface HttpAction {
  readonly engine: 'http'
  readonly method: string
  readonly url: string
  readonly headers: { readonly [name: string]: Json }
  readonly query: { readonly [name: string]: Json }
  readonly body: Json
  readonly expectStatus: readonly number[] | null
}

export interface ThreadAction {
  readonly engine: 'thread'
  /** The module, in the servers' folder of them, with `/` between names. */
  readonly file: string
  /** The name under which it exports the function. */
  readonly export: string
  readonly input: Json
  readonly environment: { readonly [name: string]: Json }
  /** Of its heap. */
  readonly memoryBytes: number
  /** What a batch said of it; left out: nothing. */
  readonly module?: string
}

/** Whether an instance of this engine runs on a machine and takes one of its slots. */
export function needsMachine(engine: Engine): boolean {
  return engine === 'shell' || engine === 'script'
}

/** What a task is to do, its template's word included, by a definition that was checked. */
export function actionOf(definition: DagDefinition, task: TaskDefinition): Action {
  if (task.noop !== undefined) return { engine: 'noop' }
  if (task.http !== undefined) {
    const { method = 'GET', url, headers = {}, query = {}, body = null, expectStatus = null } = task.http
    return { engine: 'http', method, url, headers, query, body, expectStatus }
  }
  if (task.thread !== undefined) {
    const { module: file, export: name = 'default', input = {}, memory = '128MB' } = task.thread
    const environment = environmentOf(definition, task)
    return { engine: 'thread', file, export: name, input, environment, memoryBytes: bytesOf(memory) }
  }
  const verdict = task.verdict ?? definition.defaults?.verdict
  return {
    engine: task.script === undefined ? 'shell' : 'script',
    command: task.script ?? task.run ?? '',
    arguments: task.arguments ?? [],
    interpreter: task.script === undefined ? null : (task.interpreter ?? definition.defaults?.interpreter ?? null),
    directory: task.directory ?? definition.defaults?.directory ?? null,
    environment: environmentOf(definition, task),
    ...(verdict === undefined ? {} : { verdict: verdictPlanOf(verdict) }),
    ...(task.user === undefined ? {} : { user: task.user }),
  }
}

function environmentOf(definition: DagDefinition, task: TaskDefinition): JsonObject {
  return { ...definition.defaults?.env, ...task.env } as JsonObject
}
