import { readEvents, readHead } from '../../src/history/read-events.js'
import { createTestDatabase, type TestDatabase } from '../helpers/database.js'
import { newStream, positions, untilWaiting, Writer } from './writer.js'

let db: TestDatabase
let a: Writer
let b: Writer
let c: Writer

beforeEach(async () => {
  db = await createTestDatabase()
  ;[a, b, c] = await Promise.all([Writer.open(db), Writer.open(db), Writer.open(db)])
})

afterEach(async () => {
  await Promise.all([a, b, c].map(({ session }) => session.end()))
  await db.drop()
})

const settled = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code,
  )

describe('two writers and a reader', () => {
  it('a reader polls while writers wait: it sees nothing of either, then all, in order', async () => {
    const [one, two] = [newStream(), newStream()]
    await a.begin()
    expect(await a.append(one, 2)).toBe(1)
    await b.begin()
    const second = b.append(two, 3)
    await untilWaiting(db, b)
    expect(await readEvents(db.database.pool, { after: 0 }, 10)).toEqual([])
    expect(await readHead(db.database.pool)).toBe(0)

    await a.commit()
    expect((await readEvents(db.database.pool, { after: 0 }, 10)).map((event) => event.position)).toEqual([1, 2])
    expect(await second).toBe(3)
    expect(await readHead(db.database.pool)).toBe(2)

    await b.commit()
    expect((await readEvents(db.database.pool, { after: 2 }, 10)).map((event) => event.streamId)).toEqual(
      Array(3).fill(two.id),
    )
  })

  it('commit order is position order, whoever began first', async () => {
    const [one, two] = [newStream(), newStream()]
    await a.begin()
    await a.session.query('SELECT txid_current()')
    await b.begin()
    await b.append(two)
    const first = a.append(one)
    await untilWaiting(db, a)
    await b.commit()
    expect(await first).toBe(2)
    await a.commit()
    expect((await readEvents(db.database.pool, { after: 0 }, 10)).map((event) => event.streamId)).toEqual([
      two.id,
      one.id,
    ])
  })

  it('a rollback leaves no hole', async () => {
    const [one, two, three] = [newStream(), newStream(), newStream()]
    await a.write(one)
    await b.begin()
    await b.append(two, 5)
    await c.begin()
    const waiting = c.append(three, 2)
    await untilWaiting(db, c)
    await b.rollback()
    expect(await waiting).toBe(2)
    await c.commit()
    expect(await positions(db)).toEqual([1, 2, 3])
  })

  it('a connection that is lost between append and COMMIT leaves no hole', async () => {
    const [one, two] = [newStream(), newStream()]
    await a.begin()
    await a.append(one, 5)
    await b.begin()
    const waiting = b.append(two, 2)
    await untilWaiting(db, b)
    const gone = new Promise((resolve) => a.session.once('end', resolve))
    await db.owner.query('SELECT pg_terminate_backend($1)', [a.pid])
    expect(await waiting).toBe(1)
    await b.commit()
    await gone
    expect(await positions(db)).toEqual([1, 2])
  })

  it('reads the head only when it has the lock, even if its transaction saw an older one', async () => {
    const [one, two] = [newStream(), newStream()]
    await a.begin()
    expect(await readHead(a.session)).toBe(0)
    await b.write(two, 4)
    expect(await a.append(one)).toBe(5)
    await a.commit()
  })
})

describe('writers of one stream', () => {
  it('a writer that waited for a stream sees where it now stands', async () => {
    const stream = newStream()
    await a.write(stream)
    await a.begin()
    await a.lock(stream)
    await b.begin()
    const waiting = b.lock(stream)
    await untilWaiting(db, b)
    await a.append(stream, 2)
    await a.commit()
    const head = (await waiting).get(stream.id)
    expect(head).toMatchObject({ version: 3, firstPosition: 1, lastPosition: 3 })
    expect(head?.headHash).toBe(stream.hash)
    await b.rollback()
  })

  it('two groups on overlapping streams in opposite orders do not deadlock', async () => {
    const streams = [newStream(), newStream()]
    for (const stream of streams) await a.write(stream)
    await a.begin()
    await a.lock(streams[0]!, streams[1]!)
    await b.begin()
    const waiting = b.lock(streams[1]!, streams[0]!)
    await untilWaiting(db, b)
    await a.append(streams[0]!)
    await a.append(streams[1]!)
    await a.commit()
    expect([...(await waiting).keys()].sort()).toEqual(streams.map(({ id }) => id).sort())
    await b.append(streams[0]!)
    await b.commit()
    expect(await positions(db)).toEqual([1, 2, 3, 4, 5])
  })

  it('opposite orders in many rounds at once never meet a deadlock', async () => {
    const streams = Array.from({ length: 6 }, newStream)
    for (const stream of streams) await a.write(stream)
    const round = async (writer: Writer, order: typeof streams) => {
      for (let i = 0; i < 30; i += 1) {
        await writer.begin()
        await writer.lock(...order)
        await writer.append(order[i % order.length]!)
        await writer.commit()
      }
    }
    await Promise.all([round(a, streams), round(b, [...streams].reverse()), round(c, streams.slice(2))])
    expect(await positions(db)).toHaveLength(96)
  })

  it('a stream that moved on is told 40001, and nothing is stored', async () => {
    const stream = newStream()
    await a.write(stream)
    const stale = { ...stream }
    await b.write(stream)
    await a.begin()
    expect(await settled(a.append(stale))).toBe('40001')
    await a.rollback()
    expect(await positions(db)).toEqual([1, 2])
  })

  it('the second to begin a stream is told 40001', async () => {
    const stream = newStream()
    const other = { ...stream }
    await a.begin()
    await a.append(stream)
    await b.begin()
    const second = settled(b.append(other))
    await untilWaiting(db, b)
    await a.commit()
    expect(await second).toBe('40001')
    await b.rollback()
    expect(await positions(db)).toEqual([1])
  })

  it('a claim passes over a stream that somebody holds, and never waits', async () => {
    const [one, two] = [newStream(), newStream()]
    await a.write(one)
    await a.write(two)
    await a.begin()
    await a.lock(one)
    await b.begin()
    const { rows } = await b.session.query('SELECT id FROM lock_free_streams($1)', [[one.id, two.id]])
    expect(rows).toEqual([{ id: two.id }])
    await b.rollback()
    await a.rollback()
  })
})

describe('an old snapshot', () => {
  it('held open, it delays nobody and goes on seeing what it saw', async () => {
    const stream = newStream()
    await a.write(stream)
    await c.begin('REPEATABLE READ')
    expect(await readHead(c.session)).toBe(1)
    for (let i = 0; i < 50; i += 1) await a.write(stream)
    expect(await readHead(c.session)).toBe(1)
    expect(await readEvents(db.database.pool, { after: 1 }, 100)).toHaveLength(50)
    await c.commit()
    expect(await readHead(c.session)).toBe(51)
  })

  it('cannot append: it fails by the primary key rather than write a position twice', async () => {
    const [one, two] = [newStream(), newStream()]
    await a.write(one)
    for (const isolation of ['REPEATABLE READ', 'SERIALIZABLE']) {
      await a.begin(isolation)
      expect(await readHead(a.session)).toBeGreaterThan(0)
      await b.write(two)
      expect(await settled(a.append({ ...newStream() }))).toBe('23505')
      await a.rollback()
    }
  })
})
