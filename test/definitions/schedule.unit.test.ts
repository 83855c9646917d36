import { checkDefinition } from '../../src/definitions/check-definition.js'
import { problemsOf } from './problems-of.js'

function ofSchedule(...lines: string[]): string[] {
  return problemsOf(`name: x\nnoop: {}\nschedule:\n${lines.map((line) => `  ${line}`).join('\n')}\n`)
}

it('a schedule with all of its keys is kept as it was written', () => {
  const source = `name: x
noop: {}
schedule:
  cron: ["30 2 * * 1-5", "0 0 12 L * *"]
  timezone: Europe/Berlin
  startsAt: 2026-12-01T00:00:00Z
  endsAt: 2027-12-01T00:00:00+01:00
  overlapPolicy: BUFFER_ONE
  catchup: ALL
  catchupWindow: 1d
  jitter: 30s
  onSkippedTime: SKIP
  onRepeatedTime: FIRST
`
  const { definition, problems } = checkDefinition(source)
  expect(problems).toEqual([])
  expect(definition?.schedule).toMatchObject({
    cron: ['30 2 * * 1-5', '0 0 12 L * *'],
    startsAt: '2026-12-01T00:00:00Z',
  })
  expect(ofSchedule('interval: 15m')).toEqual([])
})

it.each<[string[], string]>([
  [
    ['cron: 61 * * * *'],
    '4:9 INVALID schedule.cron must be a cron expression: Constraint error, got value 61 expected range 0-59, not "61 * * * *"',
  ],
  [
    ['cron: [0 0 * * *, "* * *"]'],
    '4:21 INVALID schedule.cron[1] must have 5 fields, or 6 with seconds in front, not 3, not "* * *"',
  ],
  [['cron: 0 0 30 2 *'], 'schedule.cron must be a cron expression'],
  [['cron: 0 0 * 2 1#6'], 'schedule.cron must be a cron expression'],
  [
    ['cron: 5'],
    'schedule.cron must be a cron expression of at most 200 characters, or a list of 1 to 20 of them, not 5',
  ],
  [['timezone: UTC'], 'REQUIRED schedule needs cron or interval'],
  [['cron: 0 0 * * *', 'interval: 1h'], 'INVALID schedule needs either cron or interval, not both'],
  [['interval: 0'], 'schedule.interval must be longer than nothing, not 0'],
  [['interval: 999ms'], 'schedule.interval must be at least 1s, not "999ms"'],
  [['interval: 0.4s'], 'schedule.interval must be at least 1s, not "0.4s"'],
  [
    ['interval: 1h', 'timezone: Europe/Atlantis'],
    '5:13 INVALID schedule.timezone must be the name of a time zone, not "Europe/Atlantis"',
  ],
  [
    ['interval: 1h', 'startsAt: 2026-02-31'],
    'schedule.startsAt must be a moment, such as 2026-12-01T00:00:00Z, not "2026-02-31"',
  ],
  [['interval: 1h', 'startsAt: 2026-13-01T00:00:00Z'], 'schedule.startsAt must be a moment that there is'],
  [
    ['interval: 1h', 'startsAt: 2027-01-01T00:00:00Z', 'endsAt: 2026-01-01T00:00:00Z'],
    'schedule.endsAt must not be before startsAt',
  ],
  [['interval: 1h', 'overlapPolicy: MAYBE'], 'schedule.overlapPolicy must be one of SKIP, BUFFER_ONE'],
  [['interval: 1h', 'every: 5'], 'schedule.every is not a known key'],
])('%j is refused', (lines, problem) => {
  const [first = ''] = ofSchedule(...lines)
  expect(first).toContain(problem)
})

it('a required parameter needs a default where there is a schedule', () => {
  const file = (more: string) =>
    `name: x\nnoop: {}\nparameters: { type: object, required: [day], properties: { day: { type: string${more} } } }\nschedule: { interval: 1h }\n`
  expect(problemsOf(file(''))).toEqual([
    '4:1 REQUIRED A DAG with a schedule needs a default for parameters.day: a scheduled run is given no parameters',
  ])
  expect(problemsOf(file(', default: x'))).toEqual([])
})
