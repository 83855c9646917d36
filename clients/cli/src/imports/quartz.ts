import type { Notes } from './imported.js'

/**
 * A Quartz expression (seconds, minutes, hours, day of month, month, day of week, year) as a cron expression of 5 fields,
 * or 6 where it has seconds. Quartz counts Sunday as 1, cron as 0. Null: no schedule can express it.
 */
export function cronOfQuartz(expression: string, line: number | null, notes: Notes): string | null {
  const fields = expression.trim().split(/\s+/)
  if (fields.length < 6 || fields.length > 7 || fields.some((field) => /[WH]/.test(field.replace(/[A-Z]{3}/g, '')))) {
    notes.lose(line, 'schedules', `Schedule ${expression}: cannot be expressed here`)
    return null
  }
  const [seconds, minutes, hours, day, month, weekday, year = '*'] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  if (year !== '*') notes.lose(line, 'years of schedules', `Year ${year}: a schedule has none; use startsAt and endsAt`)
  const cron = [minutes, hours, day, month, weekdays(weekday)].map((field) => field.replace('?', '*'))
  return (seconds === '0' || seconds === '00' ? cron : [seconds, ...cron]).join(' ')
}

/** `2-6` is `1-5`, `6#3` is `5#3`, `6L` is `5L`; names stay, `*` and steps too. */
function weekdays(field: string): string {
  return field.replace(/(^|[,-])(\d+)/g, (_, before: string, day: string) => `${before}${(Number(day) + 6) % 7}`)
}
