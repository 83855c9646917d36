import type { PoolId } from '../../src/domain/ids.js'
import { newId } from '../../src/platform/ids.js'
import { accepted, command } from '../commands/world.js'
import { checkJournal } from '../history/check-journal.js'
import { checkReplay } from '../projections/check-replay.js'
import { every5, Schedulers, type SchedulingServer } from './schedulers.js'

const MINUTE = 60_000
let s: Schedulers
let one: SchedulingServer

beforeAll(async () => {
  s = await Schedulers.open()
  one = await s.server()
})

afterAll(() => s.close())

it('fires at its times from its publication on, with the time as logical date, and not while it is disabled', async () => {
  const start = s.now
  const dag = await s.publish(one, every5('ALLOW_ALL'))
  await s.pass(one, 0)
  expect(await s.fires(dag)).toEqual([])
  await s.pass(one, 5 * MINUTE)
  await s.pass(one, 4 * MINUTE)
  expect(await s.fires(dag)).toEqual(['12:05 RUNNING'])
  await s.enable(one, dag, false)
  await s.pass(one, 10 * MINUTE)
  await s.enable(one, dag, true)
  await s.pass(one, MINUTE)
  expect(await s.fires(dag)).toEqual(['12:05 RUNNING', '12:20 RUNNING'])
  expect(await s.counters(dag)).toEqual({ fired: 2, missed: 0, skipped: 0, dropped: 0 })
  expect(s.now - start).toBe(20 * MINUTE)
})

it('a schedule that is published anew counts from then on, one that is taken away fires no more', async () => {
  const dag = await s.publish(one, { interval: '10m', overlapPolicy: 'ALLOW_ALL' })
  await s.pass(one, 0)
  await s.pass(one, 9 * MINUTE)
  await s.publish(one, { interval: '7m', overlapPolicy: 'ALLOW_ALL' }, undefined, dag)
  await s.pass(one, 6 * MINUTE)
  expect(await s.fires(dag)).toEqual([])
  await s.pass(one, MINUTE)
  expect(await s.fires(dag)).toHaveLength(1)
  // The same schedule with other tasks goes on counting.
  await s.publish(one, { interval: '7m', overlapPolicy: 'ALLOW_ALL' }, { t: { noop: {} }, u: { noop: {} } }, dag)
  await s.pass(one, 7 * MINUTE)
  expect(await s.fires(dag)).toHaveLength(2)
  await s.publish(one, null, undefined, dag)
  await s.pass(one, 70 * MINUTE)
  expect(await s.fires(dag)).toHaveLength(2)
})

it('a time that comes while a queue of the DAG takes no new run is dropped, and counted; the next one fires again', async () => {
  const [pool] = await s.db.database.query<{ id: PoolId }>('SELECT id FROM pool')
  const queueId = newId('queue')
  const make = { type: 'CreateQueue', name: 'leaving', capacity: 1, priority: 0, poolId: pool!.id } as const
  const set = (status: 'DRAINING' | 'OPEN') => ({ type: 'UpdateQueue', settings: { status } }) as const
  const tell = async (of: typeof make | ReturnType<typeof set>) =>
    accepted(await one.bus.execute(command({ aggregate: 'queue', command: of }, queueId)))
  await tell(make)
  const dag = await s.publish(one, every5('ALLOW_ALL'), { t: { noop: {}, queue: 'leaving' } })
  await tell(set('DRAINING'))
  await s.pass(one, 0)
  await s.pass(one, 5 * MINUTE)
  expect(await s.fires(dag)).toEqual([])
  await tell(set('OPEN'))
  await s.pass(one, 5 * MINUTE)
  expect(await s.fires(dag)).toHaveLength(1)
  expect(await s.counters(dag)).toEqual({ fired: 1, missed: 0, skipped: 0, dropped: 1 })
})

/** Three fires while the first run goes on, then that run ends. */
async function overlap(
  policy: Parameters<typeof every5>[0],
): Promise<{ before: string[]; after: string[]; dag: string }> {
  s.now = Math.ceil(s.now / (60 * MINUTE)) * 60 * MINUTE
  const dag = await s.publish(one, every5(policy))
  for (let times = 0; times < 4; times += 1) await s.pass(one, times === 0 ? 0 : 5 * MINUTE)
  const before = (await s.fires(dag)).map((fire) => fire.slice(3))
  if (before.some((fire) => fire.endsWith('RUNNING'))) await s.end(one, dag)
  await s.pass(one, 0)
  return { before, after: (await s.fires(dag)).map((fire) => fire.slice(3)), dag }
}

it('SKIP: nothing fires while a run goes on', async () => {
  const { before, after, dag } = await overlap('SKIP')
  expect(before).toEqual(['05 RUNNING'])
  expect(after).toEqual(['05 SUCCEEDED'])
  expect(await s.counters(dag)).toMatchObject({ fired: 1, skipped: 2 })
})

it('BUFFER_ONE: one run waits', async () => {
  const { before, after, dag } = await overlap('BUFFER_ONE')
  expect(before).toEqual(['05 RUNNING', '10 QUEUED'])
  expect(after).toEqual(['05 SUCCEEDED', '10 RUNNING'])
  expect(await s.counters(dag)).toMatchObject({ fired: 2, skipped: 1 })
})

it('BUFFER_ALL: all wait, and begin in their order', async () => {
  const { before, after, dag } = await overlap('BUFFER_ALL')
  expect(before).toEqual(['05 RUNNING', '10 QUEUED', '15 QUEUED'])
  expect(after).toEqual(['05 SUCCEEDED', '10 RUNNING', '15 QUEUED'])
  await s.end(one, dag)
  await s.pass(one, 0)
  expect((await s.fires(dag)).map((fire) => fire.slice(3))).toEqual(['05 SUCCEEDED', '10 SUCCEEDED', '15 RUNNING'])
})

it('CANCEL_OTHER: the one before is canceled, and waited for', async () => {
  const { before } = await overlap('CANCEL_OTHER')
  // None of them was ever dispatched, so each has ended as soon as it was canceled.
  expect(before).toEqual(['05 CANCELED', '10 CANCELED', '15 RUNNING'])
})

it('TERMINATE_OTHER: the one before is canceled, the next does not wait', async () => {
  const { before } = await overlap('TERMINATE_OTHER')
  expect(before).toEqual(['05 CANCELED', '10 CANCELED', '15 RUNNING'])
})

it('ALLOW_ALL: they run side by side', async () => {
  const { before } = await overlap('ALLOW_ALL')
  expect(before).toEqual(['05 RUNNING', '10 RUNNING', '15 RUNNING'])
})

it.each([
  ['NONE', [], { fired: 0, missed: 11 }],
  ['LAST', ['55 RUNNING'], { fired: 1, missed: 10 }],
  [
    'ALL',
    ['30 RUNNING', '35 RUNNING', '40 RUNNING', '45 RUNNING', '50 RUNNING', '55 RUNNING'],
    { fired: 6, missed: 5 },
  ],
] as const)('after a downtime of an hour, catchup %s', async (catchup, fires, counters) => {
  s.now = Math.ceil(s.now / (60 * MINUTE)) * 60 * MINUTE
  const dag = await s.publish(one, every5('ALLOW_ALL', { catchup, catchupWindow: '28m' }))
  await s.pass(one, 0)
  await s.pass(one, 58 * MINUTE)
  expect((await s.fires(dag)).map((fire) => fire.slice(3))).toEqual(fires)
  expect(await s.counters(dag)).toMatchObject(counters)
})

it('a clock that is set back fires nothing twice, also when the schedule is published anew', async () => {
  s.now = Math.ceil(s.now / (60 * MINUTE)) * 60 * MINUTE
  const dag = await s.publish(one, every5('ALLOW_ALL'))
  await s.pass(one, 0)
  for (let times = 0; times < 4; times += 1) await s.pass(one, 5 * MINUTE)
  const before = (await s.fires(dag)).map((fire) => fire.slice(3, 5))
  expect(before).toEqual(['05', '10', '15', '20'])
  s.now -= 12 * MINUTE
  await s.publish(one, { cron: '*/2 * * * *', overlapPolicy: 'ALLOW_ALL', catchup: 'ALL' }, undefined, dag)
  for (let times = 0; times < 8; times += 1) await s.pass(one, 2 * MINUTE)
  expect((await s.fires(dag)).map((fire) => fire.slice(3, 5))).toEqual([...before, '22', '24'])
})

it('what was folded as it happened is what a rebuild folds', async () => {
  const { events } = await checkJournal(s.db.database)
  await checkReplay(s.db, events, 7)
})
