import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Schedule } from '../domain/schedule/schedule.js'
import type { RepeatedTime } from '../domain/schedule/schedule-definition.js'
import { type Cron, parseCron } from './cron.js'
import { type Budget, type TimeLimit, walk } from './walk.js'
import { type Stretch, type Zone, zoneOf } from './zone.js'

/**
 * The room `timetable`: when a schedule fires. Pure, bounded by counted steps (and by time, where the caller says so), and its own master of what happens where
 * clocks change. cron-parser reads an expression; the days it names are walked here in wall-clock time (the library walks
 * date objects in the zone, which takes a thousand times as long and settles the two cases below in its own way), and each
 * is brought to UTC by the stretch of constant offset that it falls in:
 *
 *   wall   01:00 ---- 02:00 |gap| 03:00 ----            01:00 ---- 02:00 ==== 03:00 ==== 03:00 ----
 *   UTC    ---------------- T ----------------          --------------- T-g ------ T ------ T+g ---
 *                           skipped: nowhere, or                first occurrence | last occurrence
 *                           as far behind T as it is
 *                           behind the gap's begin
 */
export interface Timetable {
  /** Whether a repeated local time fires the FIRST time, the LAST or BOTH. */
  readonly onRepeatedTime: RepeatedTime
  /**
   * Every time of the schedule after `after`, ascending, in milliseconds. Ends where the schedule does, or where nothing
   * is found within the budget's steps; throws TimetableTooSlowError where its time is up.
   */
  times(after: number, budget?: Budget): Generator<number, void>
}

const HOUR_MS = 3_600_000
/** Longer than any distance between a wall clock and UTC, or any change of it. */
const ANY_OFFSET_MS = 27 * HOUR_MS
/** Months and days; `0 0 * 2 1#5` comes every 28 or 40 years, and takes 1,500 steps to be found. */
const STEPS = 100_000
/** Further ahead nothing is looked for: some 50 years. */
export const HORIZON_MS = 50 * 366 * 24 * HOUR_MS

const timetables = new LRUCache<string, Timetable>({ max: 1_000 })

/**
 * `anchor`: from when an interval counts where the schedule has no `startsAt`, in milliseconds; it does not fire then.
 * Throws CronError and RangeError for a schedule that was never checked.
 */
export function timetableOf(schedule: Schedule, anchor: number): Timetable {
  const key = JSON.stringify([schedule, anchor])
  const known = timetables.get(key) ?? makeTimetable(schedule, anchor)
  timetables.set(key, known)
  return known
}

/** A fresh budget for one question; without a limit of time its answer is the same on every machine. */
export function newBudget(time?: TimeLimit): Budget {
  return time === undefined ? { steps: STEPS } : { steps: STEPS, time }
}

/** At most `count` times after `after` and up to `until`. Throws as the budget has it. */
export function takeTimes(
  timetable: Timetable,
  after: number,
  until: number,
  count: number,
  budget = newBudget(),
): number[] {
  const taken: number[] = []
  for (const at of timetable.times(after, budget)) {
    if (at > until || taken.length >= count) break
    taken.push(at)
  }
  return taken
}

/**
 * How long after its time a fire is held back, in milliseconds: as good as random, the same for all who ask. Never up to
 * the fire after it, so that fires keep their order.
 */
export function jitterOf(owner: string, at: number, next: number | null, jitterMs: number): number {
  if (jitterMs === 0) return 0
  const room = next === null ? jitterMs : Math.min(jitterMs, next - at)
  const drawn = createHash('sha256').update(`${owner} ${at}`).digest().readUInt32BE(0)
  return Math.floor((drawn / 2 ** 32) * room)
}

function makeTimetable(schedule: Schedule, anchor: number): Timetable {
  const { crons, intervalMs, timezone } = schedule
  const from = schedule.startsAt === null ? Number.NEGATIVE_INFINITY : Date.parse(schedule.startsAt)
  const to = schedule.endsAt === null ? Number.POSITIVE_INFINITY : Date.parse(schedule.endsAt)
  if (intervalMs !== null) {
    const base = schedule.startsAt === null ? anchor : from
    const times = (after: number) => limited(intervalTimes(base, intervalMs, Math.max(after, from - 1)), to)
    return { onRepeatedTime: 'BOTH', times }
  }
  const zone = zoneOf(timezone)
  const parsed = crons.map(parseCron)
  const onRepeatedTime = schedule.onRepeatedTime ?? (parsed.every(isHourly) ? 'BOTH' : 'LAST')
  const rules = { isShifted: schedule.onSkippedTime === 'SHIFT_FORWARD', onRepeatedTime }
  const times = (after: number, budget = newBudget()) => {
    const start = Math.max(after, from - 1)
    return limited(
      union(parsed.map((cron) => cronTimes(cron, zone, rules, start, budget))),
      Math.min(to, start + HORIZON_MS),
    )
  }
  return { onRepeatedTime, times }
}

function isHourly({ hours }: Cron): boolean {
  return hours.length === 24
}

function* intervalTimes(base: number, every: number, after: number): Generator<number, void> {
  for (let count = Math.floor((after - base) / every) + 1; ; count += 1) yield base + count * every
}

function* limited(times: Iterable<number>, to: number): Generator<number, void> {
  for (const at of times) {
    if (at > to) return
    yield at
  }
}

/** Ascending sequences as one, without repeats. */
function* union(sequences: readonly Iterator<number, void>[]): Generator<number, void> {
  if (sequences.length === 1) {
    for (;;) {
      const { value } = (sequences[0] as Iterator<number, void>).next()
      if (value === undefined) return
      yield value
    }
  }
  const heads = sequences.map((sequence) => sequence.next().value)
  for (;;) {
    const least = Math.min(...heads.map((head) => head ?? Number.POSITIVE_INFINITY))
    if (least === Number.POSITIVE_INFINITY) return
    heads.forEach((head, at) => {
      if (head === least) heads[at] = (sequences[at] as Iterator<number, void>).next().value
    })
    yield least
  }
}

interface Rules {
  readonly isShifted: boolean
  readonly onRepeatedTime: RepeatedTime
}

function* cronTimes(cron: Cron, zone: Zone, rules: Rules, after: number, budget: Budget): Generator<number, void> {
  let from = Math.floor(after / 1_000) * 1_000 + 1_000
  const horizon = after + HORIZON_MS
  while (from < horizon) {
    // The zone is asked only where there is something to ask for.
    const { value: wall } = walk(cron, from - ANY_OFFSET_MS, horizon, budget).next()
    if (wall === undefined) return
    if (wall > from + 2 * ANY_OFFSET_MS) from = wall - ANY_OFFSET_MS
    const stretch = zone.stretchAt(from)
    yield* timesWithin(cron, stretch, rules, from, budget)
    if (budget.steps <= 0) return
    from = stretch.end
  }
}

function timesWithin(
  cron: Cron,
  stretch: Stretch,
  { isShifted, onRepeatedTime }: Rules,
  from: number,
  budget: Budget,
): Iterable<number> {
  const { start, end, offset, before, after } = stretch
  // Repeated times: the first occurrences are the stretch's last, or the last occurrences its first.
  const first = onRepeatedTime === 'FIRST' && before > offset ? Math.max(from, start + before - offset) : from
  const last = onRepeatedTime === 'LAST' && after < offset ? end - (offset - after) : end
  const own = moved(walk(cron, first + offset, last + offset, budget), offset)
  const gapEnd = Math.min(end, start + offset - before)
  if (!isShifted || before >= offset || from >= gapEnd) return own
  const shifted = moved(walk(cron, Math.max(from, start) + before, gapEnd + before, budget), before)
  return union([own, shifted])
}

function* moved(walls: Iterable<number>, offset: number): Generator<number, void> {
  for (const wall of walls) yield wall - offset
}
