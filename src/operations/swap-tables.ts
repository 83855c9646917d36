import { type ClientBase, escapeIdentifier } from 'pg'
import { TABLES } from './scratch.js'

interface Index {
  readonly name: string
  /** What it is, without its name and its table's. */
  readonly shape: string
}

const INDEXES = `
  SELECT c.relname AS name, (k.oid IS NOT NULL)::text || regexp_replace(pg_get_indexdef(c.oid), ' INDEX \\S+ ON \\S+', '') AS shape
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_constraint k ON k.conindid = c.oid
  WHERE i.indrelid = $1::text::regclass ORDER BY c.relname`

const GRANTS = `
  SELECT quote_ident(grantee::regrole::text) AS grantee, string_agg(privilege_type, ', ') AS privileges
  FROM pg_class, aclexplode(relacl) AS acl(grantor, grantee, privilege_type, is_grantable)
  WHERE oid = $1::text::regclass AND grantee <> relowner AND grantee <> 0 GROUP BY grantee`

/**
 * Puts the rebuilt tables in the place of the live ones, with their indexes' names and grants: constraints are known by
 * name. The caller's transaction holds the live tables against writers.
 */
export async function swapTables(session: ClientBase, schema: string): Promise<void> {
  for (const table of TABLES) {
    const live = `public.${escapeIdentifier(table)}`
    const rebuilt = `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`
    await renameIndexes(session, schema, await indexesOf(session, rebuilt), await indexesOf(session, live))
    const { rows } = await session.query<{ grantee: string; privileges: string }>(GRANTS, [live])
    for (const { grantee, privileges } of rows) {
      await session.query(`GRANT ${privileges} ON ${rebuilt} TO ${grantee}`)
    }
    await session.query(`DROP TABLE ${live}`)
    await session.query(`ALTER TABLE ${rebuilt} SET SCHEMA public`)
  }
}

async function indexesOf(session: ClientBase, table: string): Promise<Index[]> {
  return (await session.query<Index>(INDEXES, [table])).rows
}

/** By shape; over temporary names, as one's new name may be another's old one. */
async function renameIndexes(session: ClientBase, schema: string, mine: Index[], live: Index[]): Promise<void> {
  const left = [...live]
  const renames = mine.map(({ name, shape }) => {
    const at = left.findIndex((index) => index.shape === shape)
    if (at < 0) throw new Error(`Index ${name} has no live counterpart: ${shape}`)
    return { from: name, to: (left.splice(at, 1)[0] as Index).name }
  })
  if (left.length > 0) throw new Error(`Index ${left[0]?.name} was not copied`)
  for (const [at, { from }] of renames.entries()) await rename(session, schema, from, `swapped_${at}`)
  for (const [at, { to }] of renames.entries()) await rename(session, schema, `swapped_${at}`, to)
}

async function rename(session: ClientBase, schema: string, from: string, to: string): Promise<void> {
  await session.query(
    `ALTER INDEX ${escapeIdentifier(schema)}.${escapeIdentifier(from)} RENAME TO ${escapeIdentifier(to)}`,
  )
}
