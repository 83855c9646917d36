import type { PoolClient } from 'pg'
import type { Database } from '../platform/database.js'
import {
  byKey,
  CACHE_LIMITS,
  type CacheFull,
  type CacheKey,
  type CacheRow,
  cacheKeyText,
  type NewCacheEntry,
  type RunCache,
} from './cache.js'

const COLUMNS = `run_id AS "runId", key, type, value, expires_at AS "expiresAt", created_at AS "createdAt",
    updated_at AS "updatedAt"`

/** Whoever sets an entry of a run waits for the one before: only so the limits hold. */
const LOCK = 'SELECT pg_advisory_xact_lock(hashtextextended($1::text, 7310579013))'

const EXPIRE = 'DELETE FROM cache_entry WHERE run_id = $1::text AND expires_at <= $2::timestamptz'

const USED = `
  SELECT count(*)::integer AS entries, coalesce(sum(bytes), 0)::float8 AS bytes FROM cache_entry
  WHERE run_id = $1::text AND key <> $2::text`

const SET = `
  INSERT INTO cache_entry (run_id, key, type, value, bytes, expires_at, created_at, updated_at)
  VALUES ($1::text, $2::text, $3::text, $4::json, $5::integer, $6::timestamptz, $7::timestamptz, $7::timestamptz)
  ON CONFLICT (run_id, key) DO UPDATE SET type = EXCLUDED.type, value = EXCLUDED.value, bytes = EXCLUDED.bytes,
    expires_at = EXCLUDED.expires_at, updated_at = EXCLUDED.updated_at
  RETURNING ${COLUMNS}`

const LIVES = (now: string) => `(expires_at IS NULL OR expires_at > ${now}::timestamptz)`

const GET = `
  SELECT ${COLUMNS} FROM cache_entry JOIN unnest($1::text[], $2::text[]) AS asked(run_id, key) USING (run_id, key)
  WHERE ${LIVES('$3')}`

const LIST = `SELECT ${COLUMNS} FROM cache_entry WHERE run_id = ANY($1::text[]) AND ${LIVES('$2')}`

const DELETE = `
  WITH gone AS (DELETE FROM cache_entry WHERE run_id = $1::text AND key = $2::text RETURNING *)
  SELECT ${COLUMNS} FROM gone WHERE ${LIVES('$3')}`

const SWEEP_BATCH = 1_000

const SWEEP = `
  DELETE FROM cache_entry WHERE (run_id, key) IN (
    SELECT run_id, key FROM cache_entry WHERE expires_at <= $1::timestamptz LIMIT ${SWEEP_BATCH}) RETURNING 1`

/** The cache in a table, for as long as the run itself. */
export class PostgresCache implements RunCache {
  constructor(private readonly database: Database) {}

  set(entry: NewCacheEntry, now: Date): Promise<CacheRow | CacheFull> {
    return this.database.transaction((tx) => set(tx, entry, now))
  }

  async getMany(keys: readonly CacheKey[], now: Date): Promise<Map<string, CacheRow>> {
    const values = [keys.map(({ runId }) => runId), keys.map(({ key }) => key), now]
    const rows = await this.database.query<CacheRow>(GET, values)
    return new Map(rows.map((row) => [cacheKeyText(row), row]))
  }

  async list(runIds: readonly string[], now: Date): Promise<Map<string, CacheRow[]>> {
    const rows = await this.database.query<CacheRow>(LIST, [runIds, now])
    const lists = new Map<string, CacheRow[]>()
    for (const row of byKey(rows)) lists.set(row.runId, [...(lists.get(row.runId) ?? []), row])
    return lists
  }

  async delete({ runId, key }: CacheKey, now: Date): Promise<CacheRow | null> {
    return (await this.database.query<CacheRow>(DELETE, [runId, key, now]))[0] ?? null
  }

  async removeExpired(now: Date): Promise<boolean> {
    return (await this.database.query(SWEEP, [now])).length === SWEEP_BATCH
  }

  /** The database is another's to close. */
  async close(): Promise<void> {}
}

async function set(tx: PoolClient, entry: NewCacheEntry, now: Date): Promise<CacheRow | CacheFull> {
  const { runId, key, type, text, expiresAt } = entry
  const bytes = Buffer.byteLength(text)
  await tx.query(LOCK, [runId])
  await tx.query(EXPIRE, [runId, now])
  const { rows } = await tx.query<{ entries: number; bytes: number }>(USED, [runId, key])
  const used = rows[0] ?? { entries: 0, bytes: 0 }
  if (used.entries >= CACHE_LIMITS.entries) return 'ENTRIES'
  if (used.bytes + bytes > CACHE_LIMITS.totalBytes) return 'BYTES'
  const stored = await tx.query<CacheRow>(SET, [runId, key, type, text, bytes, expiresAt, now])
  return stored.rows[0] as CacheRow
}
