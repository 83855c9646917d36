import type { Cron } from './cron.js'

const SECOND_MS = 1_000
const DAY_MS = 86_400_000

/**
 * What one question may cost: days and months looked at. Counted, not timed, so that an answer is the same on every
 * machine; a step takes some 0.1 us.
 */
export interface Budget {
  steps: number
}

/**
 * The wall-clock times from `from` on and before `until` that the expression names, ascending, in milliseconds as if they
 * were UTC. Ends early when the budget is used up.
 */
export function* walk(cron: Cron, from: number, until: number, budget: Budget): Generator<number, void> {
  let day = Math.floor(from / DAY_MS)
  let rest = from - day * DAY_MS
  while (day * DAY_MS < until && budget.steps > 0) {
    budget.steps -= 1
    const date = new Date(day * DAY_MS)
    const year = date.getUTCFullYear()
    const month = date.getUTCMonth()
    if (!cron.months.has(month + 1)) {
      day = Date.UTC(year, month + 1, 1) / DAY_MS
      rest = 0
      continue
    }
    const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
    if (cron.isDay(date.getUTCDate(), date.getUTCDay(), days)) {
      for (const time of timesFrom(cron, rest)) {
        const wall = day * DAY_MS + time
        if (wall >= until) return
        yield wall
      }
    }
    day += 1
    rest = 0
  }
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
