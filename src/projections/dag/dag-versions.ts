import type { DagDefinition } from '../../domain/dag/definition.js'
import type { JsonObject } from '../../domain/json.js'
import type { List, Reader } from '../list.js'

/** A version as lists show it; its source and its definition are wide and read on their own. */
export interface DagVersionRow {
  readonly id: string
  readonly dagId: string
  readonly number: number
  readonly checksum: string
  readonly publishedById: string | null
  readonly publishedAt: Date
}

const COLUMNS = `v.id, v.dag_id AS "dagId", v.number, v.checksum, v.published_by AS "publishedById",
    v.published_at AS "publishedAt"`

/** The versions of DAGs, newest first. */
export const VERSION_LIST: List = {
  select: COLUMNS,
  from: 'dag_version v',
  parent: 'v.dag_id',
  conditions: [],
  key: [{ sql: 'v.number', cast: 'integer' }],
  direction: 'DESC',
}

const GET = `
  SELECT ${COLUMNS} FROM dag_version v JOIN dag d ON d.id = v.dag_id
  WHERE v.id = ANY($1::text[]) AND ($2::text[] IS NULL OR d.project_id = ANY($2::text[]))`

const FIND = `
  SELECT ${COLUMNS} FROM unnest($1::text[], $2::integer[]) AS wanted(dag_id, number)
  JOIN dag_version v ON v.dag_id = wanted.dag_id AND v.number = wanted.number`

const FIND_CHECKSUM = `
  SELECT ${COLUMNS} FROM dag_version v WHERE v.dag_id = $1::text AND v.checksum = $2::text
  ORDER BY v.number DESC LIMIT 1`

/** Those of the versions that exist in the projects (null: in any), in no order. */
export async function getDagVersions(
  db: Reader,
  ids: readonly string[],
  projects: readonly string[] | null,
): Promise<DagVersionRow[]> {
  return (await db.query<DagVersionRow>({ name: 'get-dag-versions', text: GET, values: [ids, projects] })).rows
}

/** The versions of those numbers. */
export async function findDagVersions(
  db: Reader,
  wanted: readonly { readonly dagId: string; readonly number: number }[],
): Promise<DagVersionRow[]> {
  const values = [wanted.map(({ dagId }) => dagId), wanted.map(({ number }) => number)]
  return (await db.query<DagVersionRow>({ text: FIND, values })).rows
}

/** The newest version with that source. */
export async function findPublished(db: Reader, dagId: string, checksum: string): Promise<DagVersionRow | null> {
  return (await db.query<DagVersionRow>({ text: FIND_CHECKSUM, values: [dagId, checksum] })).rows[0] ?? null
}

/** The texts as they were published. */
export async function getSources(db: Reader, ids: readonly string[]): Promise<Map<string, string>> {
  return content<string>(db, 'source', ids)
}

/** What the texts say. */
export async function getDefinitions(db: Reader, ids: readonly string[]): Promise<Map<string, DagDefinition>> {
  return content<DagDefinition>(db, 'definition', ids)
}

/** The JSON Schemas of the parameters, of versions that have one. */
export async function getParametersSchemas(db: Reader, ids: readonly string[]): Promise<Map<string, JsonObject>> {
  return content<JsonObject>(db, `definition->'parameters'`, ids)
}

async function content<Value>(db: Reader, column: string, ids: readonly string[]): Promise<Map<string, Value>> {
  const text = `SELECT id, ${column} AS value FROM dag_version WHERE id = ANY($1::text[])`
  const { rows } = await db.query<{ id: string; value: Value | null }>({ text, values: [ids] })
  return new Map(rows.flatMap(({ id, value }) => (value === null ? [] : [[id, value]])))
}
