import { type ClientBase, DatabaseError, type PoolClient } from 'pg'
import type { StoredEvent } from '../history/event.js'
import { readEvents, readHead } from '../history/read-events.js'
import { type Database, openDatabase } from '../platform/database.js'
import { newId } from '../platform/ids.js'
import { type Logger, silentLogger } from '../platform/logger.js'
import { writeChecks } from '../projections/read-checks.js'
import { PROJECTIONS } from '../projections/registry.js'
import { compareTables, type TableDifference } from './compare-tables.js'
import { Replay } from './replay.js'
import { clearScratch, createScratch, dropScratch, SCRATCH_PREFIX, TABLES } from './scratch.js'
import { swapTables } from './swap-tables.js'

/**
 * The read side computed again from the journal, beside the live one:
 *
 *   1 replay, batch by batch, into tables of a schema of its own, while writers go on
 *   2 lock the live tables against writers, then the journal: now both sides stand still
 *   3 replay the rest
 *   4 check: take a snapshot of both, let the writers go on, compare row by row
 *     swap:  put the rebuilt tables in the live ones' place
 *
 * Locks are taken in the order of writers and given back when they cannot all be had soon, so that writers never wait
 * long and a deadlock ends with this side yielding.
 */
export interface RebuildOptions {
  /** As the owner of the tables. */
  readonly ownerUrl: string
  /** Only compare; the live tables stay. */
  readonly isCheck: boolean
  readonly logger?: Logger
}

export interface RebuildReport {
  /** Up to which event both sides were compared, or the tables were rebuilt. */
  readonly position: number
  /** Empty when tables were swapped. */
  readonly tables: readonly TableDifference[]
}

/** The lock of append_events. */
const JOURNAL_LOCK = 7_310_579_001
const BATCH = 10_000
/** Below the server's deadlock_timeout, so that this side gives way before a writer is chosen as the victim. */
const LOCK_TIMEOUT_MS = 300
const LOCK_TRIES = 200
/** In vain for so long, or found to be one of a circle. */
const NOT_NOW: readonly unknown[] = ['55P03', '40P01']

/** The locks could not be had between writers that never pause. */
export class RebuildBlockedError extends Error {
  override readonly name = 'RebuildBlockedError'
  readonly code = 'REBUILD_BLOCKED'
  constructor() {
    super(`Live tables must be free for ${LOCK_TIMEOUT_MS} ms to be compared; writers hold them: try again`)
  }
}

/** Rebuilds every projection. Throws RebuildBlockedError, RebuildRunningError, or what the database says; the live tables are then as before. */
export async function rebuild(options: RebuildOptions): Promise<RebuildReport> {
  const { ownerUrl, isCheck, logger = silentLogger } = options
  const database = await openDatabase({
    url: ownerUrl,
    role: null,
    applicationName: 'dagbook-rebuild',
    isPipelined: true,
    poolSize: 4,
    idleInTransactionTimeoutMs: 0,
  })
  const schema = newId('rebuild')
    .toLowerCase()
    .replace(/^rebuild_/, SCRATCH_PREFIX)
  const session = await database.pool.connect()
  try {
    await session.query('SET synchronous_commit = off')
    await clearScratch(session)
    await createScratch(session, schema)
    return await rebuildIn(schema, session, database, isCheck, logger)
  } finally {
    await dropScratch(session, schema).catch((error: unknown) => logger.warn({ err: error, schema }, 'Scratch stays'))
    session.release(true)
    await database.close()
  }
}

async function rebuildIn(
  schema: string,
  session: PoolClient,
  database: Database,
  isCheck: boolean,
  logger: Logger,
): Promise<RebuildReport> {
  const catcher = new CatchUp(session, database)
  await catcher.upTo(await readHead(database.pool))
  logger.info({ position: catcher.position }, 'Replayed; locking the live tables')
  // To be dropped, they must be free of readers too: a writer has read before it writes, and would wait for us.
  const locked = await lockedLive(database, isCheck ? 'SHARE' : 'ACCESS EXCLUSIVE', catcher)
  try {
    await catcher.upTo(await readHead(database.pool))
    if (!isCheck) {
      await swapTables(locked, schema)
      await locked.query('COMMIT')
      return { position: catcher.position, tables: [] }
    }
    return { position: catcher.position, tables: await compared(database, schema, locked, catcher.position) }
  } finally {
    await locked.query('ROLLBACK').catch(() => undefined)
    locked.release(true)
  }
}

/** The writers wait only until the snapshot stands. */
async function compared(
  database: Database,
  schema: string,
  locked: PoolClient,
  position: number,
): Promise<TableDifference[]> {
  const differences = await database.transaction(
    async (tx) => {
      await tx.query('SELECT 1')
      await locked.query('ROLLBACK')
      return compareTables(tx, schema)
    },
    { isolation: 'REPEATABLE READ', isReadOnly: true },
  )
  const matches = PROJECTIONS.map(({ name }) => {
    const own = differences.filter(({ projection }) => projection === name)
    return [name, own.every(({ onlyLive, onlyRebuilt }) => onlyLive + onlyRebuilt === 0)] as const
  })
  await writeChecks(database.pool, new Map(matches), position)
  return differences
}

/** A connection whose open transaction keeps every writer of the live tables, and of the journal, out. */
async function lockedLive(
  database: Database,
  mode: 'SHARE' | 'ACCESS EXCLUSIVE',
  catcher: CatchUp,
): Promise<PoolClient> {
  const tables = TABLES.map((table) => `public.${table}`).join(', ')
  const client = await database.pool.connect()
  try {
    for (let attempt = 1; attempt <= LOCK_TRIES; attempt += 1) {
      if (await tryLock(client, `LOCK TABLE ${tables} IN ${mode} MODE`)) return client
      await catcher.upTo(await readHead(database.pool))
    }
    throw new RebuildBlockedError()
  } catch (error) {
    client.release(true)
    throw error
  }
}

async function tryLock(client: ClientBase, lockTables: string): Promise<boolean> {
  try {
    await client.query('BEGIN')
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`)
    await client.query(lockTables)
    await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [JOURNAL_LOCK])
    await client.query('SET LOCAL lock_timeout = 0')
    return true
  } catch (error) {
    await client.query('ROLLBACK')
    if (error instanceof DatabaseError && NOT_NOW.includes(error.code)) return false
    throw error
  }
}

/** Brings the scratch tables up to a position, reading the next batch while one is applied. */
class CatchUp {
  position = 0
  readonly #replay: Replay

  constructor(
    private readonly session: PoolClient,
    private readonly database: Database,
  ) {
    this.#replay = new Replay(session)
  }

  async upTo(head: number): Promise<void> {
    let next = this.#read(this.position, head)
    while (this.position < head) {
      const events = await next
      const last = events.at(-1)
      if (last === undefined) return
      next = this.#read(last.position, head)
      // The next read may fail while this batch is applied; it is heard of when it is awaited.
      next.catch(() => undefined)
      await this.#apply(events)
      this.position = last.position
    }
    await next
  }

  async #read(after: number, upTo: number): Promise<StoredEvent[]> {
    return after >= upTo ? [] : readEvents(this.database.pool, { after, upTo }, BATCH)
  }

  async #apply(events: readonly StoredEvent[]): Promise<void> {
    await this.session.query('BEGIN')
    try {
      await this.#replay.apply(events)
      await this.session.query('COMMIT')
    } catch (error) {
      await this.session.query('ROLLBACK')
      throw error
    }
  }
}
