import { PostgresCache } from '../../src/cache/postgres-cache.js'
import { createTestDatabase, type TestDatabase } from '../helpers/database.js'
import { cacheContract } from './cache-contract.js'

let db: TestDatabase
let cache: PostgresCache
beforeAll(async () => {
  db = await createTestDatabase()
  cache = new PostgresCache(db.database)
})
afterAll(() => db.drop())

describe('the cache in PostgreSQL', () => cacheContract(() => cache))

it('removes what has expired, in pieces', async () => {
  await db.owner.query(`
    INSERT INTO cache_entry (run_id, key, type, value, bytes, expires_at, created_at, updated_at)
    SELECT 'run_x', 'k' || n, 'JSON', '1', 1, CASE WHEN n <= 1500 THEN timestamptz '2026-01-01Z' END, now(), now()
    FROM generate_series(1, 1600) AS n`)
  const now = new Date('2026-01-01T00:00:00Z')
  expect(await cache.removeExpired(now)).toBe(true)
  expect(await cache.removeExpired(now)).toBe(false)
  const [row] = await db.owner.query<{ count: number }>(
    "SELECT count(*)::integer FROM cache_entry WHERE run_id = 'run_x'",
  )
  expect(row?.count).toBe(100)
})
