import { readFileSync } from 'node:fs'
import { Replay } from '../../src/operations/replay.js'
import { createTestDatabase, type TestDatabase } from '../helpers/database.js'
import { readGoldenEvents } from './read-golden-events.js'

const OUTCOME = JSON.parse(readFileSync(new URL('./outcome.json', import.meta.url), 'utf8'))

let db: TestDatabase

beforeAll(async () => {
  db = await createTestDatabase()
})

afterAll(() => db.drop())

it.each([1, 7, 1_000])('stored events, projected today in batches of %i, give the rows they gave then', async (batch) => {
  const session = await db.owner.openSession()
  await session.query('BEGIN')
  const replay = new Replay(session)
  const events = readGoldenEvents()
  for (let at = 0; at < events.length; at += batch) await replay.apply(events.slice(at, at + batch))
  const runs = await session.query('SELECT id, version, status FROM run ORDER BY id')
  const instances = await session.query(
    'SELECT id, run_id AS run, task_key AS task, status, attempt FROM instance ORDER BY run_id, ordinal',
  )
  expect({ runs: runs.rows, instances: instances.rows }).toEqual(OUTCOME)
  await session.query('ROLLBACK')
  await session.end()
})
