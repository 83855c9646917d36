import type { Cron } from './cron.js'

const SECOND_MS = 1_000
const DAY_MS = 86_400_000

/**
 * What one question may cost: days and months looked at. Counted, so that an answer is the same on every machine; a step
 * takes some 0.3 us. Where somebody waits for it, time counts, too.
 */
export interface Budget {
  steps: number
  readonly time?: TimeLimit
}

/** Looked at once in so many steps: what is easily found never fails for a machine that is busy. */
const STEPS_A_LOOK = 1_000

export interface TimeLimit {
  readonly limitMs: number
  /** Since the question was asked, on a clock that never goes back. */
  readonly spentMs: () => number
}

/** The question took too long; a schedule that names few times, or rare ones, does. */
export class TimetableTooSlowError extends Error {
  override readonly name = 'TimetableTooSlowError'
  readonly code = 'TIMEOUT'
  constructor(readonly limitMs: number) {
    super(`Times of a schedule must be found within ${limitMs} ms, and were not; ask for fewer`)
  }
}

/**
 * The wall-clock times from `from` on and before `until` that the expression names, ascending, in milliseconds as if they
 * were UTC. Ends early when the steps are used up; throws TimetableTooSlowError when the time is.
 */
export function* walk(cron: Cron, from: number, until: number, budget: Budget): Generator<number, void> {
  let at = Math.floor(from / DAY_MS)
  let rest = from - at * DAY_MS
  let date = dateOf(at)
  while (at * DAY_MS < until && budget.steps > 0) {
    spendStep(budget)
    const { month, day, days } = date
    if (!cron.months.has(month)) {
      at += days - day + 1
      date = dateOf(at)
    } else {
      if (cron.isDay(day, weekdayOf(at), days)) {
        for (const time of timesFrom(cron, rest)) {
          const wall = at * DAY_MS + time
          if (wall >= until) return
          yield wall
        }
      }
      at += 1
      if (day === days) date = dateOf(at)
      else date.day += 1
    }
    rest = 0
  }
}

function spendStep(budget: Budget): void {
  budget.steps -= 1
  const { steps, time } = budget
  if (time === undefined || steps % STEPS_A_LOOK !== 0) return
  if (time.spentMs() > time.limitMs) throw new TimetableTooSlowError(time.limitMs)
}

/** `days`: of its month. */
interface CalendarDate {
  readonly month: number
  day: number
  readonly days: number
}

/** Of the day that many after 1970-01-01. */
function dateOf(at: number): CalendarDate {
  const date = new Date(at * DAY_MS)
  const month = date.getUTCMonth()
  const days = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate()
  return { month: month + 1, day: date.getUTCDate(), days }
}

/** 0 is Sunday; 1970-01-01 was a Thursday. */
function weekdayOf(at: number): number {
  return (((at + 4) % 7) + 7) % 7
}

/** The times of one day, from `rest` milliseconds after midnight on. */
function* timesFrom({ hours, minutes, seconds }: Cron, rest: number): Generator<number, void> {
  for (const hour of hours) {
    if ((hour + 1) * 3_600_000 <= rest) continue
    for (const minute of minutes) {
      const start = hour * 3_600_000 + minute * 60_000
      if (start + 60_000 <= rest) continue
      for (const second of seconds) {
        const time = start + second * SECOND_MS
        if (time >= rest) yield time
      }
    }
  }
}
