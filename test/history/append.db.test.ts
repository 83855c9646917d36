import { readEvents, readHead } from '../../src/history/read-events.js'
import { createTestDatabase, type TestDatabase } from '../helpers/database.js'
import { checkJournal } from './check-journal.js'
import { newStream, nextEvents, positions, Writer } from './writer.js'

let db: TestDatabase
let writer: Writer

beforeAll(async () => {
  db = await createTestDatabase()
  writer = await Writer.open(db)
})

afterAll(async () => {
  await writer.session.end()
  await db.drop()
})

it('the head of an empty journal is 0, and its first event has position 1', async () => {
  expect(await readHead(db.database.pool)).toBe(0)
  expect(await writer.write(newStream())).toBe(1)
  expect(await readHead(db.database.pool)).toBe(1)
})

it('events of several streams in one append keep their order, versions without a hole', async () => {
  const [one, two] = [newStream(), newStream()]
  const before = await readHead(db.database.pool)
  const events = [nextEvents(one, 2), nextEvents(two, 1), nextEvents(one, 1), nextEvents(two, 2)].flat()
  await writer.begin()
  expect(await writer.appendAll(events)).toBe(before + 1)
  await writer.commit()
  const stored = await readEvents(db.database.pool, { after: before }, 10)
  expect(stored.map(({ streamId, version }) => [streamId, version])).toEqual(
    events.map(({ streamId, version }) => [streamId, version]),
  )
  const heads = await writer.lock(one, two)
  expect(heads.get(one.id)).toMatchObject({ version: 3, firstPosition: before + 1, lastPosition: before + 4 })
  expect(heads.get(two.id)).toMatchObject({ version: 3, firstPosition: before + 3, lastPosition: before + 6 })
})

it('an append of results alone leaves the head where it is', async () => {
  const before = await readHead(db.database.pool)
  const result = { key: 'a', bodyHash: Buffer.alloc(32), resultText: '{}', eventAt: null }
  await writer.begin()
  expect(await writer.appendAll([], [result])).toBe(before + 1)
  await writer.commit()
  expect(await readHead(db.database.pool)).toBe(before)
  expect(await db.database.query('SELECT position FROM command_result')).toEqual([{ position: null }])
})

it('one stream of several that moved on stores nothing of the others', async () => {
  const [one, two] = [newStream(), newStream()]
  await writer.write(one)
  const stale = { ...one, version: 0, hash: null }
  const before = await positions(db)
  const events = [...nextEvents(two, 2), ...nextEvents(stale, 1)]
  await writer.begin()
  await expect(writer.appendAll(events)).rejects.toMatchObject({ code: '40001' })
  await writer.rollback()
  expect(await positions(db)).toEqual(before)
})

it('what is appended is flushed before it is seen, even where the database would not wait', async () => {
  await writer.session.query('SET synchronous_commit = off')
  await writer.begin()
  await writer.append(newStream())
  expect((await writer.session.query('SHOW synchronous_commit')).rows).toEqual([{ synchronous_commit: 'local' }])
  await writer.commit()
  expect((await writer.session.query('SHOW synchronous_commit')).rows).toEqual([{ synchronous_commit: 'off' }])
  for (const mode of ['local', 'on', 'remote_apply']) {
    await writer.session.query(`SET synchronous_commit = ${mode}`)
    await writer.begin()
    await writer.append(newStream())
    expect((await writer.session.query('SHOW synchronous_commit')).rows).toEqual([{ synchronous_commit: mode }])
    await writer.commit()
  }
})

/** Scans of whole tables so far, as this connection has told of them. */
async function scans(): Promise<number> {
  await writer.session.query('SELECT pg_stat_force_next_flush()')
  const text = `SELECT sum(seq_scan)::integer AS count FROM pg_stat_user_tables WHERE relname ~ '^(event|stream)'`
  return (await db.owner.query<{ count: number }>(text))[0]?.count ?? 0
}

it('a plan made while the tables were small does not scan the large ones', async () => {
  for (let i = 0; i < 10; i += 1) await writer.write(newStream())
  for (let i = 0; i < 2; i += 1) {
    const events = Array.from({ length: 5_000 }, () => nextEvents(newStream(), 1)).flat()
    await writer.begin()
    await writer.appendAll(events)
    await writer.commit()
  }
  const before = await scans()
  for (let i = 0; i < 20; i += 1) await writer.write(newStream())
  expect(await scans()).toBe(before)
})

it('stores every text to the letter: each leaf, recomputed from what is read, is the one that was stored', async () => {
  const stream = newStream()
  const texts = [
    '"\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\/"',
    '"\u2028\u2029\u{1f600}\ufeff\ue000é"',
    '1e+21',
    '{"":null,"a":[]}',
    '-1e-7',
  ]
  await writer.begin()
  await writer.appendAll(nextEvents(stream, texts.length, (version) => texts[version - 1]!))
  await writer.commit()
  const { events } = await checkJournal(db.database)
  expect(events.slice(-texts.length).map(({ dataText }) => dataText)).toEqual(texts)
})
