import type { Json, JsonObject } from '../domain/json.js'
import { CronError, parseCron } from '../timetable/cron.js'
import { HORIZON_MS, newBudget } from '../timetable/timetable.js'
import { walk } from '../timetable/walk.js'
import { isZone } from '../timetable/zone.js'
import { checkDuration } from './check-values.js'
import { compileParameters } from './compile-parameters.js'
import { asList, asObject, own } from './json-access.js'
import type { ProblemList } from './problem-list.js'
import { quote, subject } from './quote.js'

const MAX_CRONS = 20
/** Any moment will do: the days of the week and of leap years come round within the horizon. */
const FROM = Date.UTC(2000, 0, 1)

/** What a schema cannot say of `schedule`: expressions, zones and moments that mean something, and parameters to run with. */
export function checkSchedule(file: JsonObject, problems: ProblemList): void {
  const schedule = asObject(own(file, 'schedule'))
  if (schedule === null) return
  checkWhen(schedule, problems)
  checkCrons(own(schedule, 'cron'), problems)
  checkInterval(own(schedule, 'interval'), problems)
  const zone = own(schedule, 'timezone')
  if (typeof zone === 'string' && !isZone(zone)) refuse(['timezone'], 'must be the name of a time zone', zone, problems)
  checkMoments(schedule, problems)
  checkDuration(own(schedule, 'catchupWindow'), ['schedule', 'catchupWindow'], 'NOT_NEGATIVE', problems)
  checkDuration(own(schedule, 'jitter'), ['schedule', 'jitter'], 'NOT_NEGATIVE', problems)
  checkParameters(asObject(own(file, 'parameters')), problems)
}

function checkWhen(schedule: JsonObject, problems: ProblemList): void {
  const given = ['cron', 'interval'].filter((key) => Object.hasOwn(schedule, key))
  if (given.length === 1) return
  const message = `schedule needs ${given.length === 0 ? 'cron or interval' : 'either cron or interval, not both'}`
  problems.add({ code: given.length === 0 ? 'REQUIRED' : 'INVALID', path: ['schedule'], message, at: 'KEY' })
}

function checkCrons(cron: Json | undefined, problems: ProblemList): void {
  if (typeof cron === 'string') checkCron(cron, ['cron'], problems)
  // What is longer is the schema's to refuse.
  const list = asList(cron) ?? []
  list.slice(0, MAX_CRONS).forEach((each, at) => {
    if (typeof each === 'string') checkCron(each, ['cron', String(at)], problems)
  })
}

function checkCron(cron: string, path: readonly string[], problems: ProblemList): void {
  try {
    // In order, and still it may name no day that there is; the zone makes no difference.
    if (firstTime(cron) === null) refuse(path, 'must name a time that comes some day', cron, problems)
  } catch (error) {
    if (!(error instanceof CronError)) throw error
    const rule = error.message.startsWith('must') ? error.message : `must be a cron expression: ${error.message}`
    refuse(path, rule, cron, problems)
  }
}

function firstTime(cron: string): number | null {
  return walk(parseCron(cron), FROM, FROM + HORIZON_MS, newBudget()).next().value ?? null
}

function checkInterval(interval: Json | undefined, problems: ProblemList): void {
  const path = ['schedule', 'interval']
  const milliseconds = checkDuration(interval, path, 'POSITIVE', problems) ?? 0
  if (milliseconds > 0 && milliseconds < 1_000) refuse(['interval'], 'must be at least 1s', interval as Json, problems)
}

function checkMoments(schedule: JsonObject, problems: ProblemList): void {
  const [from, to] = ['startsAt', 'endsAt'].map((key) => {
    const text = own(schedule, key)
    if (typeof text !== 'string') return null
    const at = Date.parse(text)
    // Text without a time zone is what the schema refuses.
    if (Number.isNaN(at) && /^\d{4}-\d\d-\d\dT/.test(text))
      refuse([key], 'must be a moment that there is', text, problems)
    return Number.isNaN(at) ? null : at
  }) as [number | null, number | null]
  if (from === null || to === null || from <= to) return
  refuse(['endsAt'], `must not be before startsAt (${String(schedule.startsAt)})`, schedule.endsAt as Json, problems)
}

/** A run that the platform starts by itself is given no parameters. */
function checkParameters(schema: JsonObject | null, problems: ProblemList): void {
  if (schema === null) return
  let result: ReturnType<ReturnType<typeof compileParameters>['applyDefaultsAndValidate']>
  try {
    result = compileParameters(schema).applyDefaultsAndValidate({})
  } catch {
    // Said of `parameters` already.
    return
  }
  if (!('problems' in result)) return
  for (const { path } of result.problems.filter(({ code }) => code === 'REQUIRED')) {
    const name = subject(['parameters', ...path])
    const message = `A DAG with a schedule needs a default for ${name}: a scheduled run is given no parameters`
    problems.add({ code: 'REQUIRED', path: ['schedule'], message, at: 'KEY' })
  }
}

function refuse(path: readonly string[], must: string, value: Json, problems: ProblemList): void {
  const full = ['schedule', ...path]
  problems.add({ code: 'INVALID', path: full, message: `${subject(full)} ${must}, not ${quote(value)}` })
}
