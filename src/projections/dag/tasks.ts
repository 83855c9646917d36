import type { Action, Engine } from '../../domain/dag/action.js'
import type { TriggerRule } from '../../domain/dag/definition.js'
import type { RetryPlan } from '../../domain/dag/plan.js'
import type { JsonObject } from '../../domain/json.js'
import { containing, type List, type Reader, where } from '../list.js'

/** A task of a plan as lists show it; its action and its needs are read on their own. */
export interface TaskRow {
  readonly id: string
  readonly planId: string
  readonly ordinal: number
  readonly projectId: string
  readonly dagId: string | null
  readonly dagVersionId: string | null
  readonly key: string
  readonly name: string
  readonly executionOrder: number
  readonly triggerRule: TriggerRule
  readonly condition: string | null
  readonly engine: Engine
  /** By name. */
  readonly queueName: string
  readonly machineName: string | null
  readonly cpu: number
  readonly memoryBytes: number
  readonly priority: number
  readonly tags: readonly string[]
  readonly timeoutMs: number | null
  readonly retry: RetryPlan
  readonly templateId: string | null
  /** Of the engine script only. */
  readonly scriptPath: string | null
  readonly module: string | null
  readonly createdAt: Date
}

const COLUMNS = `t.id, t.plan_id AS "planId", t.ordinal, t.project_id AS "projectId", t.dag_id AS "dagId",
    t.dag_version_id AS "dagVersionId", t.key, t.name, t.execution_order AS "executionOrder",
    t.trigger_rule AS "triggerRule", t.condition, t.engine, t.queue AS "queueName", t.machine AS "machineName", t.cpu,
    t.memory_bytes AS "memoryBytes", t.priority, t.tags, t.timeout_ms AS "timeoutMs", t.retry,
    t.template_id AS "templateId", t.script_path AS "scriptPath", t.module,
    t.created_at AS "createdAt"`

/** The tasks of plans, in the file's order; the parent is a DAG version's id. */
export const TASKS_OF_PLAN: List = {
  select: COLUMNS,
  from: 'task t',
  parent: 't.plan_id',
  conditions: [],
  key: [{ sql: 't.ordinal', cast: 'integer' }],
  direction: 'ASC',
}

export interface TaskFilter {
  readonly dagId?: string | null
  /** Part of the key or the name, in either case. */
  readonly search?: string | null
}

/** The tasks of the latest versions of the DAGs of projects; `fromDag`: the DAG in which the page begins, where known. */
export function latestTasks(filter: TaskFilter, fromDag: string | null): List {
  const pattern = filter.search ? containing(filter.search) : null
  return {
    ...TASKS_OF_PLAN,
    from: 'dag d JOIN task t ON t.plan_id = d.latest_version_id',
    parent: 'd.project_id',
    conditions: [
      { sql: 'd.deleted_at IS NULL', values: [] },
      ...where('d.id = $?::text', filter.dagId),
      ...where('d.id >= $?::text', fromDag),
      ...(pattern === null
        ? []
        : [{ sql: 't.key ILIKE $?::text OR t.name ILIKE $?::text', values: [pattern, pattern] }]),
    ],
    key: [
      { sql: 'd.id', cast: 'text' },
      { sql: 't.ordinal', cast: 'integer' },
    ],
  }
}

const GET = `
  SELECT ${COLUMNS} FROM task t
  WHERE t.id = ANY($1::text[]) AND ($2::text[] IS NULL OR t.project_id = ANY($2::text[]))`

const FIND = `
  SELECT ${COLUMNS} FROM unnest($1::text[], $2::text[]) AS wanted(plan_id, key)
  JOIN task t ON t.plan_id = wanted.plan_id AND t.key = wanted.key`

const NEEDS = `
  SELECT t.id, array_agg(n.key ORDER BY need.place) AS needs
  FROM task t CROSS JOIN unnest(t.needs) WITH ORDINALITY AS need(ordinal, place)
  JOIN task n ON n.plan_id = t.plan_id AND n.ordinal = need.ordinal
  WHERE t.id = ANY($1::text[]) GROUP BY t.id`

const INPUTS = 'SELECT id, inputs FROM task WHERE id = ANY($1::text[]) AND inputs IS NOT NULL'

const ACTIONS = 'SELECT id, action FROM task WHERE id = ANY($1::text[])'

/** Those of the tasks that exist in the projects (null: in any), in no order. */
export async function getTasks(
  db: Reader,
  ids: readonly string[],
  projects: readonly string[] | null,
): Promise<TaskRow[]> {
  return (await db.query<TaskRow>({ name: 'get-tasks', text: GET, values: [ids, projects] })).rows
}

/** Tasks by plan and key. */
export async function findTasks(
  db: Reader,
  wanted: readonly { readonly planId: string; readonly key: string }[],
): Promise<TaskRow[]> {
  const values = [wanted.map(({ planId }) => planId), wanted.map(({ key }) => key)]
  return (await db.query<TaskRow>({ text: FIND, values })).rows
}

/** The keys of what the tasks wait for, as the file lists them; tasks that wait for nothing are left out. */
export async function getNeeds(db: Reader, ids: readonly string[]): Promise<Map<string, string[]>> {
  const { rows } = await db.query<{ id: string; needs: string[] }>({ text: NEEDS, values: [ids] })
  return new Map(rows.map(({ id, needs }) => [id, needs]))
}

/** What the tasks give their templates; those without a template are left out. */
export async function getInputs(db: Reader, ids: readonly string[]): Promise<Map<string, JsonObject>> {
  const { rows } = await db.query<{ id: string; inputs: JsonObject }>({ text: INPUTS, values: [ids] })
  return new Map(rows.map(({ id, inputs }) => [id, inputs]))
}

/** What the tasks' engines are given. */
export async function getActions(db: Reader, ids: readonly string[]): Promise<Map<string, Action>> {
  const { rows } = await db.query<{ id: string; action: Action }>({ text: ACTIONS, values: [ids] })
  return new Map(rows.map(({ id, action }) => [id, action]))
}
