import { type ClientBase, escapeIdentifier } from 'pg'
import { PROJECTIONS } from '../projections/registry.js'

/** A live table held against the one that was computed again. */
export interface TableDifference {
  readonly projection: string
  readonly table: string
  readonly liveRows: number
  readonly rebuiltRows: number
  /** Rows that only the live table has, and that only the rebuilt one has; a row that differs is one of each. */
  readonly onlyLive: number
  readonly onlyRebuilt: number
  /** The first few of either, as JSON. */
  readonly examples: readonly string[]
}

const MAX_EXAMPLES = 5

/** As JSON values: the journal keeps objects in canonical form, so the order of their keys is not compared. */
function differing(from: string, other: string): string {
  return `SELECT to_jsonb(a) AS row FROM ${from} AS a EXCEPT ALL SELECT to_jsonb(b) FROM ${other} AS b`
}

/** Row by row, in the snapshot of the session's transaction. */
export async function compareTables(session: ClientBase, schema: string): Promise<TableDifference[]> {
  const differences: TableDifference[] = []
  for (const { name, tables } of PROJECTIONS) {
    for (const table of tables) differences.push(await compareTable(session, schema, name, table))
  }
  return differences
}

async function compareTable(
  session: ClientBase,
  schema: string,
  projection: string,
  table: string,
): Promise<TableDifference> {
  const live = `public.${escapeIdentifier(table)}`
  const rebuilt = `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`
  const counted = await session.query<{ live: number; rebuilt: number }>(
    `SELECT (SELECT count(*) FROM ${live}) AS live, (SELECT count(*) FROM ${rebuilt}) AS rebuilt`,
  )
  const onlyLive = await only(session, differing(live, rebuilt))
  const onlyRebuilt = await only(session, differing(rebuilt, live))
  return {
    projection,
    table,
    liveRows: counted.rows[0]?.live ?? 0,
    rebuiltRows: counted.rows[0]?.rebuilt ?? 0,
    onlyLive: onlyLive.count,
    onlyRebuilt: onlyRebuilt.count,
    examples: [
      ...onlyLive.examples.map((row) => `live    ${row}`),
      ...onlyRebuilt.examples.map((row) => `rebuilt ${row}`),
    ],
  }
}

async function only(session: ClientBase, difference: string): Promise<{ count: number; examples: string[] }> {
  const text = `WITH difference AS MATERIALIZED (${difference})
    SELECT (SELECT count(*) FROM difference) AS count,
      ARRAY(SELECT row::text FROM difference ORDER BY row::text LIMIT ${MAX_EXAMPLES}) AS examples`
  const { rows } = await session.query<{ count: number; examples: string[] }>(text)
  return rows[0] ?? { count: 0, examples: [] }
}
