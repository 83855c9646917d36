import type { JsonObject } from '../../domain/json.js'
import type { Reader } from '../list.js'
import { RUN_COLUMNS, type RunRow } from './run-row.js'

const GET = `
  SELECT ${RUN_COLUMNS} FROM run r
  WHERE r.id = ANY($1::text[]) AND ($2::text[] IS NULL OR r.project_id = ANY($2::text[]))`

const PARAMETERS = 'SELECT id, parameters FROM run WHERE id = ANY($1::text[])'

const LATEST = `
  SELECT ${RUN_COLUMNS} FROM unnest($1::text[]) AS dag(id)
  CROSS JOIN LATERAL (SELECT * FROM run WHERE run.dag_id = dag.id ORDER BY created_at DESC, id DESC LIMIT 1) AS r`

/** Those of the runs that exist in the projects (null: in any), in no order. */
export async function getRuns(
  db: Reader,
  ids: readonly string[],
  projects: readonly string[] | null,
): Promise<RunRow[]> {
  return (await db.query<RunRow>({ name: 'get-runs', text: GET, values: [ids, projects] })).rows
}

/** What the runs were started with, by run. */
export async function getRunParameters(db: Reader, ids: readonly string[]): Promise<Map<string, JsonObject>> {
  const { rows } = await db.query<{ id: string; parameters: JsonObject }>({ text: PARAMETERS, values: [ids] })
  return new Map(rows.map(({ id, parameters }) => [id, parameters]))
}

/** The newest run of each DAG that ever ran. */
export async function getLatestRuns(db: Reader, dagIds: readonly string[]): Promise<RunRow[]> {
  return (await db.query<RunRow>({ name: 'get-latest-runs', text: LATEST, values: [dagIds] })).rows
}
