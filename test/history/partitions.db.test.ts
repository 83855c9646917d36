import { readEvents, readHead, readStream } from '../../src/history/read-events.js'
import { createTestDatabase, type TestDatabase } from '../helpers/database.js'
import { type KnownStream, newStream, nextEvents, untilWaiting, Writer } from './writer.js'

const SIZE = 262_144

let db: TestDatabase
let writer: Writer

beforeEach(async () => {
  db = await createTestDatabase()
  writer = await Writer.open(db)
})

afterEach(async () => {
  await writer.session.end()
  await db.drop()
})

/** Puts a stream's first event at a position far out, as its owner, so that the next append goes on from there. */
async function moveHead(position: number): Promise<KnownStream> {
  const stream = newStream()
  const [event] = nextEvents(stream, 1)
  await db.owner.query(
    `INSERT INTO event (position, stream_id, version, type, schema_version, data, actor, recorded_at, leaf_hash)
     VALUES ($1, $2, 1, 'RunStarted', 1, '{"n":1}', 'system', now(), $3)`,
    [position, stream.id, Buffer.from(event!.leafHash, 'hex')],
  )
  await db.owner.query('INSERT INTO stream VALUES ($1, 1, $2, $3, $3)', [
    stream.id,
    Buffer.from(event!.leafHash, 'hex'),
    position,
  ])
  return stream
}

function partitionsOf(): Promise<{ name: string; range: string }[]> {
  return db.owner.query(`
    SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS range
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'event'::regclass ORDER BY 1`)
}

it('a new journal has eight partitions of 262,144 positions, and position 0 is nobody’s', async () => {
  const partitions = await partitionsOf()
  expect(partitions.map(({ range }) => range)).toEqual(
    Array.from({ length: 8 }, (_, at) => `FOR VALUES FROM ('${Math.max(1, at * SIZE)}') TO ('${(at + 1) * SIZE}')`),
  )
  expect(partitions[7]?.name).toBe('event_00000007')
})

it('one append goes across a boundary, dense, and a stream across a boundary is read whole', async () => {
  const stream = await moveHead(SIZE - 3)
  await writer.begin()
  await writer.lock(stream)
  expect(await writer.append(stream, 5)).toBe(SIZE - 2)
  await writer.commit()
  const all = await readEvents(db.database.pool, { after: SIZE - 4 }, 10)
  expect(all.map(({ position }) => position - SIZE)).toEqual([-3, -2, -1, 0, 1, 2])
  const rows = await db.owner.query('SELECT DISTINCT tableoid::regclass::text AS name FROM event ORDER BY 1')
  expect(rows).toEqual([{ name: 'event_00000000' }, { name: 'event_00000001' }])
  const head = (await writer.lock(stream)).get(stream.id)!
  expect((await readStream(db.database.pool, head, 1, 10)).map(({ version }) => version)).toEqual([2, 3, 4, 5, 6])
  expect(await readHead(db.database.pool)).toBe(SIZE + 2)
})

it('a read names its positions, so it opens no other partition', async () => {
  await db.owner.query('SET plan_cache_mode = force_generic_plan')
  const session = await db.owner.openSession()
  await session.query('SET plan_cache_mode = force_generic_plan')
  await session.query(
    `PREPARE r (bigint, bigint) AS SELECT * FROM event WHERE position > $1 AND position <= $2 ORDER BY position`,
  )
  const { rows } = await session.query(`EXPLAIN EXECUTE r (${SIZE * 2}, ${SIZE * 2 + 10})`)
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).toContain('Subplans Removed: 7')
  expect(plan).toContain('event_00000002')
  await session.end()
})

it('partitions are made and attached while a reader holds a snapshot and a writer is in its transaction', async () => {
  await writer.write(newStream())
  const reader = await Writer.open(db)
  await reader.begin('REPEATABLE READ')
  expect(await readHead(reader.session)).toBe(1)
  await writer.begin()
  await writer.append(newStream())

  const made = await db.database.query<{ made: number }>('SELECT make_event_partitions(12) AS made')
  expect(made).toEqual([{ made: 4 }])

  expect(await readEvents(reader.session, { after: 0 }, 10)).toHaveLength(1)
  await writer.commit()
  await reader.commit()
  expect(await partitionsOf()).toHaveLength(12)
  await reader.session.end()
})

it('a maker that waits keeps no reader and no writer waiting behind it', async () => {
  const other = await Writer.open(db)
  await other.begin()
  // What would hold an ATTACH up: another change of the table's shape.
  await db.owner.query('SELECT 1')
  const blocker = await db.owner.openSession()
  await blocker.query('BEGIN')
  await blocker.query('LOCK TABLE event IN SHARE UPDATE EXCLUSIVE MODE')
  const making = other.session.query('SELECT make_event_partitions(9)')
  await untilWaiting(db, other)
  expect(await writer.write(newStream())).toBe(1)
  expect(await readEvents(db.database.pool, { after: 0 }, 10)).toHaveLength(1)
  await blocker.query('COMMIT')
  await making
  await other.commit()
  expect(await partitionsOf()).toHaveLength(9)
  await Promise.all([blocker.end(), other.session.end()])
})

it('makers that come at once make each partition once; ahead of the head, wherever that is', async () => {
  await moveHead(SIZE * 7 + 5)
  const makers = await Promise.all(
    Array.from({ length: 4 }, () => db.database.query('SELECT make_event_partitions(4) AS made')),
  )
  expect(
    makers
      .flat()
      .map((row) => (row as { made: number }).made)
      .sort(),
  ).toEqual([0, 0, 0, 3])
  expect((await partitionsOf()).at(-1)?.range).toBe(`FOR VALUES FROM ('${SIZE * 10}') TO ('${SIZE * 11}')`)
})

it('without a partition nothing is stored; with one it goes on, dense', async () => {
  const stream = await moveHead(SIZE * 8 - 2)
  await writer.begin()
  await writer.lock(stream)
  await expect(writer.append({ ...stream }, 3)).rejects.toMatchObject({ code: '23514' })
  await writer.rollback()
  expect(await readHead(db.database.pool)).toBe(SIZE * 8 - 2)
  await db.database.query('SELECT make_event_partitions(2)')
  await writer.begin()
  expect(await writer.append(stream, 3)).toBe(SIZE * 8 - 1)
  await writer.commit()
})
