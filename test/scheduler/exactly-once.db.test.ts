import type { CommandBus } from '../../src/commands/command-bus.js'
import { takeTimes, timetableOf } from '../../src/timetable/timetable.js'
import { schedule } from '../timetable/schedules.js'
import { Schedulers, type SchedulingServer } from './schedulers.js'

const MINUTE = 60_000
const FIRES = 1_000

/** A scheduler that dies between deciding and sending, or before it hears that it is done. */
class Death extends Error {}

function mortal(random: () => number): (bus: CommandBus) => CommandBus {
  return (bus) => {
    const execute: CommandBus['execute'] = async (command) => {
      const fate = random()
      if (fate < 0.15) throw new Death('before')
      const outcome = await bus.execute(command)
      if (fate < 0.3) throw new Death('behind')
      return outcome
    }
    return { execute } as CommandBus
  }
}

/** Park and Miller's, so that a failure comes again. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

let s: Schedulers

beforeAll(async () => {
  s = await Schedulers.open()
})

afterAll(() => s.close())

it('of 1,000 fires none is lost and none comes twice: two schedulers that die, and clocks that jump', async () => {
  const seed = 1 + Math.floor(Math.random() * 1e6)
  const random = seeded(seed)
  const publisher = await s.server('publisher')
  const servers: SchedulingServer[] = [await s.server('one', mortal(random)), await s.server('two', mortal(random))]
  const start = s.now
  const definition = {
    cron: '* * * * *',
    overlapPolicy: 'ALLOW_ALL',
    catchup: 'ALL',
    catchupWindow: '30d',
    jitter: '20s',
  } as const
  const dag = await s.publish(publisher, definition)
  let kills = 0
  let latest = start
  for (let round = 0; latest - start < (FIRES + 5) * MINUTE; round += 1) {
    if (round > 2_000) throw new Error(`Seed ${seed}: the schedulers do not come on`)
    const fate = random()
    if (fate < 0.1) s.now += 60 * MINUTE
    else if (fate < 0.2) s.now -= 60 * MINUTE
    else s.now += Math.floor(random() * 20 * MINUTE)
    latest = Math.max(latest, s.now)
    const looks = servers.map(({ scheduler }) => scheduler.runOnce().catch(() => undefined))
    if (random() < 0.1) {
      kills += 1
      await s.kill(random() < 0.5 ? 'one' : 'two')
    }
    await Promise.all(looks)
  }
  s.now = latest
  for (let times = 0; times < 20; times += 1) await publisher.scheduler.runOnce()
  const rows = await s.db.database.query<{ at: Date }>(
    `SELECT logical_date AS at FROM run WHERE dag_id = $1 AND trigger = 'SCHEDULE' ORDER BY logical_date`,
    [dag],
  )
  const fired = rows.map(({ at }) => at.toISOString())
  const timetable = timetableOf(schedule(definition), start)
  const wanted = takeTimes(timetable, start, latest - MINUTE, 100_000).map((at) => new Date(at).toISOString())
  expect(wanted.length).toBeGreaterThanOrEqual(FIRES)
  expect([seed, kills > 0, new Set(fired).size]).toEqual([seed, true, fired.length])
  expect([seed, fired.slice(0, wanted.length)]).toEqual([seed, wanted])
  const counters = { fired: fired.length, missed: 0, skipped: 0, dropped: 0 }
  expect([seed, await s.counters(dag)]).toEqual([seed, expect.objectContaining(counters)])
}, 600_000)
