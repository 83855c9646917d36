import { CronExpressionParser } from 'cron-parser'
import fc from 'fast-check'
import { CronError, parseCron } from '../../src/timetable/cron.js'
import { jitterOf, newBudget, takeTimes, timetableOf } from '../../src/timetable/timetable.js'
import { TimetableTooSlowError } from '../../src/timetable/walk.js'
import { isZone } from '../../src/timetable/zone.js'
import { schedule, textOf, times } from './schedules.js'

const NEVER = Number.POSITIVE_INFINITY

it('fires when the expression says, in its zone', () => {
  const berlin = { cron: '30 2 * * 1-5', timezone: 'Europe/Berlin' }
  expect(times(berlin, '2026-12-03T12:00:00Z', 3)).toEqual([
    '2026-12-04T01:30Z',
    '2026-12-07T01:30Z',
    '2026-12-08T01:30Z',
  ])
})

it('knows seconds, names, L, #, ? and nicknames', () => {
  const after = '2026-01-01T00:00:00Z'
  expect(times({ cron: '*/20 0 12 1 JAN *' }, after, 3)).toEqual([
    '2026-01-01T12:00Z',
    '2026-01-01T12:00:20.000Z',
    '2026-01-01T12:00:40.000Z',
  ])
  expect(times({ cron: '0 0 L * ?' }, after, 2)).toEqual(['2026-01-31T00:00Z', '2026-02-28T00:00Z'])
  expect(times({ cron: '0 0 * * FRI#2' }, after, 2)).toEqual(['2026-01-09T00:00Z', '2026-02-13T00:00Z'])
  expect(times({ cron: '0 0 * * 1L' }, after, 2)).toEqual(['2026-01-26T00:00Z', '2026-02-23T00:00Z'])
  expect(times({ cron: '@weekly' }, after, 1)).toEqual(['2026-01-04T00:00Z'])
})

it.each([
  ['0 0 13 * FRI', ['01-02', '01-09', '01-13', '01-16']],
  ['0 0 */2 * MON', ['01-05', '01-19', '02-09', '02-23']],
  ['0 0 1-7 * */7', ['01-04', '02-01', '03-01', '04-05']],
  ['0 0 ? * MON', ['01-05', '01-12', '01-19', '01-26']],
])('%s: a date or a weekday, but both where one begins with a star', (cron, expected) => {
  expect(times({ cron }, '2026-01-01T00:00:00Z', 4).map((text) => text.slice(5, 10))).toEqual(expected)
})

it('of several expressions every time comes once', () => {
  const both = { cron: ['0 */2 * * *', '0 */3 * * *'] }
  expect(times(both, '2026-01-01T00:00:00Z', 5).map((text) => text.slice(11, 13))).toEqual([
    '02',
    '03',
    '04',
    '06',
    '08',
  ])
})

it('an interval counts from its start, or from its anchor without firing there', () => {
  const after = '2026-01-01T00:00:00Z'
  const startsAt = '2026-01-01T00:10:00Z'
  expect(times({ interval: '15m', startsAt }, after, 2)).toEqual(['2026-01-01T00:10Z', '2026-01-01T00:25Z'])
  const anchor = Date.parse('2026-01-01T00:07:00Z')
  expect(times({ interval: '15m' }, '2026-01-01T00:07:00Z', 2, anchor)).toEqual([
    '2026-01-01T00:22Z',
    '2026-01-01T00:37Z',
  ])
})

it('nothing fires before startsAt or after endsAt, both included', () => {
  const limits = { startsAt: '2026-01-02T00:00:00Z', endsAt: '2026-01-03T00:00:00Z' }
  const all = ['2026-01-02T00:00Z', '2026-01-03T00:00Z']
  expect(times({ cron: '0 0 * * *', ...limits }, '2026-01-01T00:00:00Z', 9)).toEqual(all)
  expect(times({ interval: '1d', ...limits }, '2026-01-01T00:00:00Z', 9)).toEqual(all)
})

it('BOTH is the default for what fires every hour, LAST for anything else', () => {
  const of = (cron: string | string[]) => timetableOf(schedule({ cron }), 0).onRepeatedTime
  expect([of('5 * * * *'), of('* * * * *'), of('5 0-22 * * *'), of(['5 * * * *', '5 2 * * *'])]).toEqual([
    'BOTH',
    'BOTH',
    'LAST',
    'LAST',
  ])
})

it('an hourly schedule fires every hour of elapsed time across both changes', () => {
  const hourly = { cron: '0 * * * *', timezone: 'Europe/Berlin' }
  for (const after of ['2026-03-28T20:00:00Z', '2026-10-24T20:00:00Z']) {
    const told = times(hourly, after, 12).map((text) => Date.parse(text))
    expect(told).toEqual(told.map((_, at) => Date.parse(after) + (at + 1) * 3_600_000))
  }
})

it.each([
  ['', '5 fields'],
  ['* * * *', '5 fields'],
  ['* * * * * * *', '5 fields'],
  ['61 * * * *', '0-59'],
  ['* * 31 2 *', 'day of month'],
  ['0 0 31 4,6,9,11 *', 'day of month'],
  ['* * * * MOO', 'alias'],
  ['H * * * *', 'chance'],
  ['@reboot', 'alias'],
  ['*/0 * * * *', 'repeat'],
  [`${'1,'.repeat(200)}1 * * * *`, '200 characters'],
])('%s is refused: %s', (expression, why) => {
  expect(() => parseCron(expression)).toThrow(CronError)
  expect(() => parseCron(expression)).toThrow(why)
})

it('a hostile expression is given up after so many steps, whatever the machine', () => {
  for (const cron of ['0 0 * 2 1#5', '59 59 23 29 2 *', '0 0 * 2 0#5', '* * * * * *']) {
    const budget = newBudget()
    const timetable = timetableOf(schedule({ cron, timezone: 'Europe/Berlin' }), 0)
    const found: number[] = []
    for (const at of timetable.times(Date.UTC(2026, 0, 1), budget)) if (found.push(at) === 10) break
    expect(budget.steps).toBeGreaterThan(newBudget().steps / 2)
  }
  expect(times({ cron: '0 0 * 2 1#5' }, '2026-01-01T00:00:00Z', 1)).toEqual(['2044-02-29T00:00Z'])
  const budget = { steps: 10 }
  expect([...timetableOf(schedule({ cron: '0 0 29 2 *' }), 0).times(Date.UTC(2025, 2, 1), budget)]).toEqual([])
})

/** Of the hardest that the parser lets through: of rare days many are looked at in vain. */
const HARD = Array.from({ length: 20 }, (_, n) => `${n} 0 * 2 1#5`)

it('a question whose time is up says so, unless it was easily answered', () => {
  const limited = (cron: string[], spentMs: () => number) => {
    const timetable = timetableOf(schedule({ cron }), 0)
    return takeTimes(timetable, Date.UTC(2026, 0, 1), NEVER, 100, newBudget({ limitMs: 50, spentMs }))
  }
  const looks: number[] = []
  expect(() => limited(HARD, () => looks.push(1) * 20)).toThrow(new TimetableTooSlowError(50))
  expect(looks).toHaveLength(3)
  expect(limited(HARD, () => 50)).toHaveLength(40)
  expect(limited(['30 2 * * 1-5'], () => 1_000)).toHaveLength(100)
})

it('zones are names', () => {
  expect(['UTC', 'Europe/Berlin', 'US/Eastern', 'Etc/GMT+5'].every(isZone)).toBe(true)
  expect(['', 'Mars/Olympus', '+01:00', 'x'.repeat(500)].some(isZone)).toBe(false)
})

it('jitter is the same for all who ask, within its bound, and keeps the order of fires', () => {
  const at = Date.UTC(2026, 0, 1)
  const drawn = Array.from({ length: 200 }, (_, n) => jitterOf(`dag_${n}`, at, at + 3_600_000, 60_000))
  expect(drawn).toEqual(Array.from({ length: 200 }, (_, n) => jitterOf(`dag_${n}`, at, at + 3_600_000, 60_000)))
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...drawn)).toBeLessThan(60_000)
  expect(new Set(drawn).size).toBeGreaterThan(150)
  for (let n = 0; n < 200; n += 1) expect(jitterOf(`dag_${n}`, at, at + 1_000, 60_000)).toBeLessThan(1_000)
  expect(jitterOf('dag_1', at, null, 0)).toBe(0)
})

const value = (min: number, max: number) => fc.integer({ min, max })
const field = (min: number, max: number) =>
  fc.oneof(
    { arbitrary: fc.constant('*'), weight: 3 },
    value(min, max).map(String),
    value(2, 20).map((step) => `*/${step}`),
    fc.tuple(value(min, max), value(min, max)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.uniqueArray(value(min, max), { minLength: 1, maxLength: 4 }).map((list) => list.join()),
  )
const day = fc.oneof({ arbitrary: field(1, 28), weight: 4 }, fc.constant('L'))
const weekday = fc.oneof({ arbitrary: field(0, 6), weight: 4 }, fc.constantFrom('5L', '1#2', 'MON-FRI', '2#5'))
/** Of dates with a star and a step and limited weekdays, or the other way round, crontab(5) means both, the library one of them. */
const days = fc
  .tuple(day, weekday)
  .map(([date, dayOfWeek]) => [
    dayOfWeek === '*' ? date : date.replace(/^\*\//, '1-28/'),
    date === '*' ? dayOfWeek : dayOfWeek.replace(/^\*\//, '0-6/'),
  ])
const expression = fc
  .tuple(field(0, 59), field(0, 59), field(0, 23), days, field(1, 12))
  .map(([second, minute, hour, [date, dayOfWeek], month]) => [second, minute, hour, date, month, dayOfWeek])

it('in UTC, any expression fires when the library says', () => {
  fc.assert(
    fc.property(expression, fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) }), (fields, after) => {
      const cron = fields.join(' ')
      const library = CronExpressionParser.parse(cron, { tz: 'UTC', currentDate: new Date(after) })
      const told = takeTimes(timetableOf(schedule({ cron }), 0), after, NEVER, 3)
      expect([cron, told.map(textOf)]).toEqual([cron, library.take(3).map((date) => textOf(date.getTime()))])
    }),
    { numRuns: 300 },
  )
})
