import { takeTimes, timetableOf } from '../../src/timetable/timetable.js'
import { IS_LONG } from '../helpers/long.js'
import { judge, jumps, type Matches, readWall } from './oracle.js'
import { schedule } from './schedules.js'

const FROM = Date.UTC(2026, 0, 1)
const UNTIL = Date.UTC(2028, 0, 1)
const DAY_MS = 86_400_000

/** Expressions, and what each means in the words of the oracle. */
const CASES: readonly (readonly [string, Matches])[] = [
  ['*/7 * * * *', ({ minute }) => minute % 7 === 0],
  ['30 2 * * *', ({ hour, minute }) => hour === 2 && minute === 30],
  ['*/15 0-3 * * *', ({ hour, minute }) => hour <= 3 && minute % 15 === 0],
  [
    '0,59 1,2,23 * * SUN',
    ({ hour, minute, weekday }) => weekday === 0 && [1, 2, 23].includes(hour) && [0, 59].includes(minute),
  ],
  [
    '15 */3 1-15 * MON-FRI',
    ({ hour, minute, day, weekday }) => minute === 15 && hour % 3 === 0 && (day <= 15 || (weekday > 0 && weekday < 6)),
  ],
]

interface Zone {
  readonly name: string
  readonly jumps: readonly number[]
}

/** Every zone that changes its clocks in these years; of those that change them alike, the first. */
function zones(): Zone[] {
  const all = Intl.supportedValuesOf('timeZone').map((name) => ({ name, jumps: jumps(name, FROM, UNTIL) }))
  const changing = all.filter((zone) => zone.jumps.length > 0)
  if (IS_LONG) return all
  const rules = new Map<string, Zone>()
  for (const zone of changing) {
    const rule = zone.jumps.map((at) => `${at} ${offset(zone.name, at - 1_000)} ${offset(zone.name, at)}`).join()
    if (!rules.has(rule)) rules.set(rule, zone)
  }
  return [...rules.values()]
}

function offset(zone: string, at: number): number {
  const [wall = 0] = readWall(zone, at, at + 1).values()
  return wall - at
}

const ZONES = zones()

it('there are zones of all kinds', () => {
  expect(ZONES.length).toBeGreaterThan(15)
  expect(ZONES.map(({ name }) => name)).toEqual(expect.arrayContaining(['Australia/Lord_Howe', 'Antarctica/Troll']))
})

it.each(ZONES)('in $name it fires when the oracle says', ({ name: timezone, jumps: changes }) => {
  const middles = changes.length > 0 ? changes : [FROM + 180 * DAY_MS]
  for (const middle of middles) {
    const [from, until] = [middle - DAY_MS, middle + DAY_MS]
    // The oracle has to see the days before and behind to know what is skipped and what is repeated.
    const walls = readWall(timezone, from - DAY_MS / 4, until + DAY_MS / 4)
    for (const [cron, matches] of CASES) {
      for (const onSkippedTime of ['SKIP', 'SHIFT_FORWARD'] as const) {
        for (const onRepeatedTime of ['FIRST', 'LAST', 'BOTH'] as const) {
          const timetable = timetableOf(schedule({ cron, timezone, onSkippedTime, onRepeatedTime }), 0)
          const told = takeTimes(timetable, from - 1, until - 1, 10_000)
          const wanted = judge(walls, matches, onSkippedTime, onRepeatedTime).filter((at) => at >= from && at < until)
          if (told.join() === wanted.join()) continue
          const what = `${cron} ${timezone} ${onSkippedTime} ${onRepeatedTime}`
          expect([what, told.map(date)]).toEqual([what, wanted.map(date)])
        }
      }
    }
  }
})

function date(at: number): string {
  return new Date(at).toISOString()
}
