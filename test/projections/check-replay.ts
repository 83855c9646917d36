import type { Client } from 'pg'
import type { StoredEvent } from '../../src/history/event.js'
import { Replay } from '../../src/operations/replay.js'
import { PROJECTIONS } from '../../src/projections/registry.js'
import type { TestDatabase } from '../helpers/database.js'

const TABLES = PROJECTIONS.flatMap(({ tables }) => tables)

/**
 * Folds all events again, in batches of that size, into tables of their own, and throws unless every row is the same as
 * the live one.
 */
export async function checkReplay(db: TestDatabase, events: readonly StoredEvent[], batch = 777): Promise<void> {
  const session = await db.owner.openSession('replay')
  try {
    await session.query('DROP SCHEMA IF EXISTS replay CASCADE')
    await session.query('CREATE SCHEMA replay')
    for (const table of TABLES) await session.query(`CREATE TABLE replay.${table} (LIKE public.${table} INCLUDING ALL)`)
    await session.query('SET search_path = replay, public')
    let replay = new Replay(session)
    for (let at = 0; at < events.length; at += batch) {
      // What it remembers of earlier batches is no more than it can read.
      if (at % (7 * batch) === 0) replay = new Replay(session)
      await replay.apply(events.slice(at, at + batch))
    }
    for (const table of TABLES) await compare(session, table)
  } finally {
    await session.end()
  }
}

async function compare(session: Client, table: string): Promise<void> {
  const rows = (schema: string) => `SELECT to_jsonb(t) AS row FROM ${schema}.${table} t`
  const { rows: differing } = await session.query<{ side: string; row: unknown }>(`
    (SELECT 'live' AS side, row FROM (${rows('public')} EXCEPT ALL ${rows('replay')}) AS a LIMIT 3) UNION ALL
    (SELECT 'replayed' AS side, row FROM (${rows('replay')} EXCEPT ALL ${rows('public')}) AS b LIMIT 3)`)
  if (differing.length === 0) return
  const shown = differing.map(({ side, row }) => `${side}: ${JSON.stringify(row)}`).join('\n')
  throw new Error(`A replay gives another ${table}:\n${shown}`)
}
