import { readFileSync } from 'node:fs'
import { takeTimes, timetableOf } from '../../src/timetable/timetable.js'
import { schedule } from './schedules.js'

const PAGE = readFileSync('docs/schedules.md', 'utf8')
const ROWS = [...PAGE.matchAll(/^\| `([^`]+)` \| (\w+\/\w+) \| (\d{4}-\d\d-\d\d) \| ([^|]+) \| ([^|]+) \|$/gm)].map(
  (match) => match.slice(1),
)

it('the page has a table of days on which clocks change', () => {
  expect(ROWS.length).toBeGreaterThanOrEqual(10)
})

it.each(ROWS)('%s in %s on %s, %s: %s', (cron = '', timezone = '', day = '', setting = '', fires = '') => {
  const [, key, value] = /^`(\w+): (\w+)`$/.exec(setting.trim()) ?? []
  const timetable = timetableOf(schedule({ cron, timezone, ...(key && { [key]: value }) }), 0)
  const from = Date.parse(day)
  const told = takeTimes(timetable, from - 1, from + 86_399_999, 100).map((at) =>
    new Date(at).toISOString().slice(11, 16),
  )
  expect(told.join(' ') || 'never').toBe(fires.trim())
})
