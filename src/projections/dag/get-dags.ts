import type { Reader } from '../list.js'
import { DAG_COLUMNS, DAG_STATE, type DagRow, type DagState } from './dag-row.js'

const GET = `
  SELECT ${DAG_COLUMNS} FROM dag d
  WHERE d.id = ANY($1::text[]) AND ($2::text[] IS NULL OR d.project_id = ANY($2::text[]))`

const FIND = `
  SELECT ${DAG_COLUMNS} FROM dag d JOIN project p ON p.id = d.project_id
  WHERE p.name = $1::text AND d.name = $2::text AND d.deleted_at IS NULL
    AND ($3::text[] IS NULL OR d.project_id = ANY($3::text[]))`

const FIND_ID = 'SELECT id FROM dag WHERE project_id = $1::text AND name = $2::text AND deleted_at IS NULL'

const STATES = `SELECT d.id, ${DAG_STATE} AS state FROM dag d WHERE d.id = ANY($1::text[])`

/** Those of the DAGs that exist or existed in the projects (null: in any), in no order. */
export async function getDags(
  db: Reader,
  ids: readonly string[],
  projects: readonly string[] | null,
): Promise<DagRow[]> {
  return (await db.query<DagRow>({ name: 'get-dags', text: GET, values: [ids, projects] })).rows
}

/** The DAG by the names of its project and its own; null: there is none in the projects, or no longer. */
export async function findDag(
  db: Reader,
  project: string,
  name: string,
  projects: readonly string[] | null,
): Promise<DagRow | null> {
  return (await db.query<DagRow>({ text: FIND, values: [project, name, projects] })).rows[0] ?? null
}

/** The id of the DAG of that name in that project. */
export async function findDagId(db: Reader, projectId: string, name: string): Promise<string | null> {
  return (await db.query<{ id: string }>({ text: FIND_ID, values: [projectId, name] })).rows[0]?.id ?? null
}

/** How the DAGs are doing. */
export async function getDagStates(db: Reader, ids: readonly string[]): Promise<Map<string, DagState>> {
  const { rows } = await db.query<{ id: string; state: DagState }>({ name: 'dag-states', text: STATES, values: [ids] })
  return new Map(rows.map(({ id, state }) => [id, state]))
}
