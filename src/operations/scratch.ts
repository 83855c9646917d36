import { type ClientBase, escapeIdentifier } from 'pg'
import { PROJECTIONS } from '../projections/registry.js'

/** Every table that a rebuild computes again. */
export const TABLES: readonly string[] = PROJECTIONS.flatMap(({ tables }) => tables)

/** Storage parameters are no part of LIKE. */
const OPTIONS = `
  SELECT array_to_string(reloptions, ', ') AS options FROM pg_class WHERE oid = ('public.' || quote_ident($1))::regclass`

/**
 * Makes a schema with an empty copy of every projected table, and lets this session find them there before the live
 * ones. The owner's session; what a killed rebuild left behind goes with the next one's `dropScratch`.
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

/** The schemas that rebuilds make are called like this one. */
export const SCRATCH_PREFIX = 'rebuild_'

/** Removes the schema, whatever is left in it. */
export async function dropScratch(session: ClientBase, schema: string): Promise<void> {
  await session.query('SET search_path = public')
  await session.query(`SET client_min_messages = warning`)
  await session.query(`DROP SCHEMA IF EXISTS ${escapeIdentifier(schema)} CASCADE`)
}
