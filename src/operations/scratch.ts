import { type ClientBase, escapeIdentifier } from 'pg'
import { PROJECTIONS } from '../projections/registry.js'

/** Every table that a rebuild computes again. */
export const TABLES: readonly string[] = PROJECTIONS.flatMap(({ tables }) => tables)

/** Storage parameters are no part of LIKE. */
const OPTIONS = `
  SELECT array_to_string(reloptions, ', ') AS options FROM pg_class WHERE oid = ('public.' || quote_ident($1))::regclass`

/** One rebuild at a time. Held by the session. */
const REBUILD_LOCK = 7_310_579_005

/** Another rebuild is under way on this database. */
export class RebuildRunningError extends Error {
  override readonly name = 'RebuildRunningError'
  readonly code = 'REBUILD_RUNNING'
  constructor() {
    super('Another rebuild is under way on this database; wait for its end')
  }
}

/** The schemas that rebuilds make are called like this one. */
export const SCRATCH_PREFIX = 'rebuild_'

/** What killed rebuilds have left behind. Throws RebuildRunningError. */
export async function clearScratch(session: ClientBase): Promise<void> {
  const lock = await session.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1::bigint) AS taken', [
    REBUILD_LOCK,
  ])
  if (lock.rows[0]?.taken !== true) throw new RebuildRunningError()
  const { rows } = await session.query<{ name: string }>(
    'SELECT nspname AS name FROM pg_namespace WHERE starts_with(nspname, $1::text)',
    [SCRATCH_PREFIX],
  )
  for (const { name } of rows) await dropScratch(session, name)
}

/**
 * Makes a schema with an empty copy of every projected table, and lets this session, which is the owner's, find them
 * there before the live ones.
 */
export async function createScratch(session: ClientBase, schema: string): Promise<void> {
  await session.query(`CREATE SCHEMA ${escapeIdentifier(schema)}`)
  for (const table of TABLES) {
    const name = `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`
    await session.query(`CREATE TABLE ${name} (LIKE public.${escapeIdentifier(table)} INCLUDING ALL)`)
    const { rows } = await session.query<{ options: string | null }>(OPTIONS, [table])
    const options = rows[0]?.options
    if (options) await session.query(`ALTER TABLE ${name} SET (${options})`)
  }
  await session.query(`SET search_path = ${escapeIdentifier(schema)}, public`)
}

/** Removes the schema, whatever is left in it. */
export async function dropScratch(session: ClientBase, schema: string): Promise<void> {
  await session.query('SET search_path = public')
  await session.query(`SET client_min_messages = warning`)
  await session.query(`DROP SCHEMA IF EXISTS ${escapeIdentifier(schema)} CASCADE`)
}
