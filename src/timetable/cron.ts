import { type CronExpression, CronExpressionParser } from 'cron-parser'

/** A cron expression as sets of numbers: what is matched is wall-clock time, zones come later. */
export interface Cron {
  /** Ascending. */
  readonly seconds: readonly number[]
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  /** 1-12. */
  readonly months: ReadonlySet<number>
  /** `day` 1-31 of a month of `days`, which is a `weekday` (0 Sunday). */
  isDay(day: number, weekday: number, days: number): boolean
}

/** The expression is none; the message says why, without the expression. */
export class CronError extends Error {
  override readonly name = 'CronError'
  readonly code = 'INVALID'
}

const MAX_LENGTH = 200

/**
 * Five fields, or six with seconds in front; lists, ranges, steps, names of months and days, `L`, `#`, `?`, and `@daily`
 * and the like. As in crontab(5), a day matches when its date or its weekday does; where one of these fields begins with a
 * star, with a step too, when both do. Throws CronError.
 */
export function parseCron(expression: string): Cron {
  if (expression.length > MAX_LENGTH) throw new CronError(`must have at most ${MAX_LENGTH} characters`)
  const fields = expression.trim().split(/\s+/)
  if (!expression.startsWith('@') && fields.length !== 5 && fields.length !== 6) {
    const count = fields[0] === '' ? 0 : fields.length
    throw new CronError(`must have 5 fields, or 6 with seconds in front, not ${count}`)
  }
  // The library would draw a random number for it.
  if (/H/.test(expression.replace(/[A-Z]{3}/gi, ''))) throw new CronError('must not have H, which stands for chance')
  const isEither = [fields.at(-3), fields.at(-1)].every((field = '*') => !/^[*?]/.test(field))
  return fieldsOf(parse(expression.trim()), isEither)
}

function parse(expression: string): CronExpression {
  try {
    return CronExpressionParser.parse(expression, { tz: 'UTC' })
  } catch (error) {
    throw new CronError((error as Error).message.replace(/^Invalid cron expression, /, '').replaceAll('\n', ' '))
  }
}

/** `isEither`: the date or the weekday is enough. */
function fieldsOf({ fields }: CronExpression, isEither: boolean): Cron {
  const { dayOfMonth, dayOfWeek } = fields
  const dates = numbers(dayOfMonth.values)
  const weekdays = numbers(dayOfWeek.values)
  const lastWeekdays = dayOfWeek.values.map(String).filter((value) => value.endsWith('L'))
  const last = new Set(lastWeekdays.map((value) => Number.parseInt(value, 10) % 7))
  const isNth = (day: number) => dayOfWeek.nthDay <= 0 || Math.ceil(day / 7) === dayOfWeek.nthDay
  const isDate = (day: number, days: number) => dates.has(day) || (dayOfMonth.hasLastChar && day === days)
  const isWeekday = (day: number, weekday: number, days: number) =>
    (weekdays.has(weekday) && isNth(day)) || (last.has(weekday) && day > days - 7)
  return {
    seconds: [...numbers(fields.second.values)],
    minutes: [...numbers(fields.minute.values)],
    hours: [...numbers(fields.hour.values)],
    months: numbers(fields.month.values),
    isDay(day, weekday, days) {
      const [byDate, byWeekday] = [isDate(day, days), isWeekday(day, weekday, days)]
      return isEither ? byDate || byWeekday : byDate && byWeekday
    },
  }
}

function numbers(values: readonly (number | string)[]): Set<number> {
  return new Set(values.filter((value) => typeof value === 'number').sort((a, b) => a - b))
}
