import { NICKNAMES } from './crontab-line.js'
import type { Notes } from './imported.js'
import { asMapping, asText, isTrue, type LineOf, type Mapping } from './yaml-source.js'

/** Cron's, and one of Airflow's own. */
const PRESETS: ReadonlyMap<string, string> = new Map([...NICKNAMES, ['@quarterly', '0 0 1 */3 *']])
const UNITS = { weeks: 604_800, days: 86_400, hours: 3_600, minutes: 60, seconds: 1, milliseconds: 0.001 } as const

/** Seconds of a number, or of dag-factory's `{ __type__: datetime.timedelta, hours: 1 }`; null: neither. */
export function secondsOf(value: unknown): number | null {
  if (typeof value === 'number') return value
  if (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value)) return Number(value)
  const delta = asMapping(value)
  if (delta === null) return null
  const parts = Object.entries(UNITS).map(([unit, seconds]) => Number(delta[unit] ?? 0) * seconds)
  const total = parts.reduce((sum, part) => sum + part, 0)
  return Number.isFinite(total) && total > 0 ? total : null
}

/** A DAG's schedule; null where it has none, or none that can be said here. */
export function airflowSchedule(dag: Mapping, args: Mapping, lineOf: LineOf, notes: Notes): Mapping | null {
  const key = dag.schedule === undefined ? 'schedule_interval' : 'schedule'
  const given = dag[key]
  const line = lineOf(key)
  if (dag.timetable !== undefined) notes.lose(lineOf('timetable'), 'timetables', 'timetable: has no counterpart')
  if (given === undefined || given === null || given === 'None' || given === '@once') {
    if (given === '@once') notes.lose(line, 'schedules', 'Schedule @once: start the DAG by hand')
    return null
  }
  const text = asText(given)
  const cron =
    text === null
      ? undefined
      : (PRESETS.get(text) ?? (/^\S+(\s+\S+){4,5}$/.test(text.trim()) ? text.trim() : undefined))
  const interval = text === null ? secondsOf(given) : null
  if (cron === undefined && interval === null) {
    notes.lose(line, 'schedules', `Schedule ${text ?? JSON.stringify(given)}: has no counterpart`)
    return null
  }
  const timezone = asText(dag.timezone ?? args.timezone) ?? 'UTC'
  const startsAt = momentOf(dag.start_date ?? args.start_date, ['default_args', 'start_date'], lineOf, notes)
  const endsAt = momentOf(dag.end_date ?? args.end_date, ['default_args', 'end_date'], lineOf, notes)
  const isSerial = Number(asText(dag.max_active_runs) ?? Number.NaN) === 1
  return {
    ...(cron === undefined ? { interval } : { cron }),
    timezone,
    ...(startsAt === null ? {} : { startsAt }),
    ...(endsAt === null ? {} : { endsAt }),
    overlapPolicy: isSerial ? 'BUFFER_ALL' : 'ALLOW_ALL',
    catchup: isTrue(dag.catchup) ? 'ALL' : 'NONE',
  }
}

/** A date or a time as RFC 3339 in UTC; `2 days` and the like cannot be said. */
function momentOf(value: unknown, path: string[], lineOf: LineOf, notes: Notes): string | null {
  if (value === undefined || value === null) return null
  const text = value instanceof Date ? value.toISOString() : (asText(value) ?? '')
  const zoned = /^\d{4}-\d\d-\d\d$/.test(text)
    ? `${text}T00:00:00Z`
    : /([zZ]|[+-]\d\d:?\d\d)$/.test(text)
      ? text
      : `${text}Z`
  const time = new Date(zoned.replace(' ', 'T'))
  if (/^\d{4}-/.test(text) && !Number.isNaN(time.getTime())) return time.toISOString().replace('.000Z', 'Z')
  notes.lose(lineOf(...path), 'relative dates', `${path.at(-1)} ${text}: must be a date`)
  return null
}
