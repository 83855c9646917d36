import type { Json } from '../../domain/json.js'
import type { Reader } from '../list.js'
import { INSTANCE_COLUMNS, type InstanceRow } from './instance-row.js'
import { INSTANCES_OF_TASKS } from './list-instances.js'

const GET = `
  SELECT ${INSTANCE_COLUMNS} FROM instance i
  WHERE i.id = ANY($1::text[]) AND ($2::text[] IS NULL OR i.project_id = ANY($2::text[]))`

const OUTPUTS = 'SELECT id, output FROM instance WHERE id = ANY($1::text[]) AND output IS NOT NULL'

const ITEMS = 'SELECT id, item FROM instance WHERE id = ANY($1::text[]) AND item IS NOT NULL'

const UPSTREAM_OUTPUTS = `
  SELECT me.id, u.task_key AS "taskKey", u.output
  FROM instance me JOIN task t ON t.id = me.task_id JOIN instance u ON u.run_id = me.run_id AND u.ordinal = ANY(t.needs)
  WHERE me.id = ANY($1::text[])
  ORDER BY me.id, u.ordinal`

const LATEST = `
  SELECT wanted.id AS "ofTaskId", latest.* FROM unnest($1::text[]) AS wanted(id)
  CROSS JOIN LATERAL (SELECT ${INSTANCE_COLUMNS} FROM ${INSTANCES_OF_TASKS} WHERE t.id = wanted.id
    ORDER BY r.created_at DESC, r.id DESC LIMIT 1) AS latest`

/** Those of the instances that exist in the projects (null: in any), in no order. */
export async function getInstances(
  db: Reader,
  ids: readonly string[],
  projects: readonly string[] | null,
): Promise<InstanceRow[]> {
  return (await db.query<InstanceRow>({ name: 'get-instances', text: GET, values: [ids, projects] })).rows
}

/** What the instances left behind, by instance; those without an output are left out. */
export async function getOutputs(db: Reader, ids: readonly string[]): Promise<Map<string, Json>> {
  const { rows } = await db.query<{ id: string; output: Json }>({ text: OUTPUTS, values: [ids] })
  return new Map(rows.map(({ id, output }) => [id, output]))
}

/** Of elements of a forEach, themselves. */
export async function getItems(db: Reader, ids: readonly string[]): Promise<Map<string, Json>> {
  const { rows } = await db.query<{ id: string; item: Json }>({ text: ITEMS, values: [ids] })
  return new Map(rows.map(({ id, item }) => [id, item]))
}

/** By instance, the outputs of those it waited for, by task. */
export async function getUpstreamOutputs(
  db: Reader,
  ids: readonly string[],
): Promise<Map<string, { [taskKey: string]: Json }>> {
  const { rows } = await db.query<{ id: string; taskKey: string; output: Json }>({
    text: UPSTREAM_OUTPUTS,
    values: [ids],
  })
  const outputs = new Map<string, { [taskKey: string]: Json }>()
  for (const { id, taskKey, output } of rows) {
    const of = outputs.get(id) ?? Object.create(null)
    of[taskKey] = output
    outputs.set(id, of)
  }
  return outputs
}

/** By task (of any version), the newest instance of its key. */
export async function getLatestInstances(db: Reader, taskIds: readonly string[]): Promise<Map<string, InstanceRow>> {
  const { rows } = await db.query<InstanceRow & { ofTaskId: string }>({ text: LATEST, values: [taskIds] })
  return new Map(rows.map((row) => [row.ofTaskId, row]))
}
