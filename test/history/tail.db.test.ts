import { Tail } from '../../src/history/tail.js'
import { type Database, openDatabase } from '../../src/platform/database.js'
import { silentLogger } from '../../src/platform/logger.js'
import { createTestDatabase, type TestDatabase } from '../helpers/database.js'
import { TcpProxy } from '../helpers/tcp-proxy.js'
import { until } from '../helpers/until.js'
import { FollowerProbe } from './follow.js'
import { newStream, Writer } from './writer.js'

const NEVER = 3_600_000

let db: TestDatabase
let writer: Writer
const tails: Tail[] = []
const probes: FollowerProbe[] = []

beforeEach(async () => {
  db = await createTestDatabase()
  writer = await Writer.open(db)
})

afterEach(async () => {
  await Promise.all(probes.splice(0).map((probe) => probe.stop()))
  await Promise.all(tails.splice(0).map((tail) => tail.stop()))
  await writer.session.end()
  await db.drop()
})

function tailOf(pollMs: number, database: Database = db.database): Tail {
  const tail = new Tail(database, silentLogger, pollMs)
  tails.push(tail)
  tail.start(new AbortController().signal)
  return tail
}

function follow(tail: Tail, after: number, pause?: () => Promise<unknown> | null): FollowerProbe {
  const probe = new FollowerProbe(tail, after, pause)
  probes.push(probe)
  return probe
}

function listeners(): Promise<{ pid: number }[]> {
  return db.owner.query(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%' AND state = 'idle'`,
  )
}

it('a single commit elsewhere is told at once, with the position that it has', async () => {
  const [here, there] = [tailOf(NEVER), tailOf(NEVER)]
  await until('both to listen', async () => (await listeners()).length === 2)
  const probe = follow(there, 0)
  const heads: number[] = []
  there.onHead((head) => heads.push(head))
  await probe.upTo(0)
  const head = await writer.write(newStream())
  here.nudge(head)
  await probe.upTo(1)
  expect(heads).toEqual([1])
})

it('one who joins live sees what is committed in this process at once', async () => {
  const tail = tailOf(NEVER)
  const probe = follow(tail, 0)
  for (let head = 1; head <= 20; head += 1) {
    tail.nudge(await writer.write(newStream()))
    await probe.upTo(head)
  }
  expect(probe.events.map(({ position }) => position)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
})

it('with every notification lost, polling finds everything', async () => {
  const deaf: Database = { ...db.database, openSession: () => Promise.reject(new Error('no listening here')) }
  const tail = tailOf(30, deaf)
  const probe = follow(tail, 0)
  const heads: number[] = []
  tail.onHead((head) => heads.push(head))
  await writer.write(newStream(), 3)
  await probe.upTo(3)
  await writer.write(newStream(), 2)
  await probe.upTo(5)
  expect(heads.at(-1)).toBe(5)
})

it('the listening connection killed, it polls meanwhile and listens again', async () => {
  const tail = tailOf(50)
  const probe = follow(tail, 0)
  const [first] = await until('it to listen', async () => {
    const rows = await listeners()
    return rows.length === 1 ? rows : null
  })
  await db.owner.query('SELECT pg_terminate_backend($1)', [first?.pid])
  await writer.write(newStream(), 2)
  await probe.upTo(2)
  const [second] = await until('it to listen again', async () => {
    const rows = await listeners()
    return rows.length === 1 ? rows : null
  })
  expect(second?.pid).not.toBe(first?.pid)
})

it('the first to follow a long journal joins at its end, the tail does not read it from the beginning', async () => {
  await writer.write(newStream(), 4_000)
  let pages = 0
  const pool = new Proxy(db.database.pool, {
    get: (target, key) => {
      if (key !== 'query') return Reflect.get(target, key)
      return (config: { name?: string }, ...rest: unknown[]) => {
        if (config.name === 'read-events') pages += 1
        return (target.query as (...all: unknown[]) => unknown).call(target, config, ...rest)
      }
    },
  })
  const tail = tailOf(NEVER, { ...db.database, pool })
  const probe = follow(tail, 3_999)
  await probe.upTo(4_000)
  tail.nudge(await writer.write(newStream()))
  await probe.upTo(4_001)
  expect(pages).toBeLessThanOrEqual(3)
})

it('followers from anywhere are given everything after their cursor, once, in order', async () => {
  await writer.write(newStream(), 2_500)
  const tail = tailOf(20)
  const all = [0, 1, 999, 1_000, 1_001, 2_499, 2_500].map((after) => follow(tail, after))
  for (let i = 0; i < 10; i += 1) tail.nudge((await writer.write(newStream(), 100)) + 99)
  await Promise.all(all.map((probe) => probe.upTo(3_500)))
  expect(all.map(({ problem }) => problem)).toEqual(all.map(() => null))
})

/** One event after the other, until those who follow are surely live. */
async function settle(tail: Tail, ...followers: FollowerProbe[]): Promise<void> {
  for (let head = 1; head <= 3; head += 1) {
    tail.nudge(await writer.write(newStream()))
    await Promise.all(followers.map((probe) => probe.upTo(head)))
  }
}

it('followers of one tail are handed the same objects', async () => {
  const tail = tailOf(NEVER)
  const [one, two] = [follow(tail, 0), follow(tail, 0)]
  await settle(tail, one, two)
  tail.nudge(await writer.write(newStream()))
  await Promise.all([one.upTo(4), two.upTo(4)])
  expect(one.events[3]).toBe(two.events[3])
})

it('a cursor from the future waits until the journal gets there', async () => {
  const tail = tailOf(20)
  const probe = follow(tail, 3)
  await writer.write(newStream(), 2)
  await until('the tail to see them', () => tail.head === 2)
  tail.nudge((await writer.write(newStream(), 3)) + 2)
  await probe.upTo(5)
  expect(probe.events.map(({ position }) => position)).toEqual([4, 5])
})

it('a slow follower is let go, and catches up from the table without a gap; the quick one is not held up', async () => {
  const tail = tailOf(20)
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  let isSlow = false
  const slow = follow(tail, 0, () => (isSlow ? gate : null))
  const quick = follow(tail, 0)
  await settle(tail, slow, quick)
  isSlow = true
  const stream = newStream()
  for (let i = 0; i < 5; i += 1) tail.nudge((await writer.write(stream, 5_000)) + 4_999)
  await quick.upTo(25_003)
  expect(slow.cursor).toBeLessThan(10_000)
  release()
  await slow.upTo(25_003)
  expect([slow.problem, quick.problem]).toEqual([null, null])
})

it('a database out of reach for a while costs no follower an event', async () => {
  const proxy = await TcpProxy.open(db.url)
  const database = await openDatabase({ url: proxy.urlOf(db.url), role: 'dagbook_app', applicationName: 'far' })
  const tail = tailOf(20, database)
  const probe = follow(tail, 0)
  await writer.write(newStream(), 2)
  await probe.upTo(2)
  proxy.isRefusing = true
  proxy.reset()
  await writer.write(newStream(), 3)
  expect(probe.cursor).toBe(2)
  proxy.isRefusing = false
  await probe.upTo(5)
  await probe.stop()
  await tail.stop()
  await database.close()
  await proxy.close()
})

it('stopping ends every follower’s iteration', async () => {
  const tail = tailOf(20)
  const probe = follow(tail, 0)
  await writer.write(newStream())
  await probe.upTo(1)
  await tail.stop()
  await probe.stop()
})
