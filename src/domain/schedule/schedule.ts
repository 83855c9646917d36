import { millisecondsOf } from '../dag/units.js'
import type { Catchup, OverlapPolicy, RepeatedTime, ScheduleDefinition, SkippedTime } from './schedule-definition.js'

/** A schedule with every default applied and every unit resolved; either `crons` or `intervalMs`. */
export interface Schedule {
  readonly crons: readonly string[]
  readonly intervalMs: number | null
  /** An IANA name. */
  readonly timezone: string
  /** RFC 3339; both inclusive. */
  readonly startsAt: string | null
  readonly endsAt: string | null
  readonly overlapPolicy: OverlapPolicy
  readonly catchup: Catchup
  readonly catchupWindowMs: number
  readonly jitterMs: number
  readonly onSkippedTime: SkippedTime
  /** Null: LAST, or BOTH for what fires every hour or more often. */
  readonly onRepeatedTime: RepeatedTime | null
}

const DAY_MS = 86_400_000

/** The meaning of a valid definition; null where the DAG has no schedule. */
export function scheduleOf(schedule: ScheduleDefinition | undefined): Schedule | null {
  if (schedule === undefined) return null
  const { cron, interval, jitter, catchupWindow } = schedule
  return {
    crons: cron === undefined ? [] : typeof cron === 'string' ? [cron] : cron,
    intervalMs: interval === undefined ? null : millisecondsOf(interval),
    timezone: schedule.timezone ?? 'UTC',
    startsAt: schedule.startsAt ?? null,
    endsAt: schedule.endsAt ?? null,
    overlapPolicy: schedule.overlapPolicy ?? 'SKIP',
    catchup: schedule.catchup ?? 'LAST',
    catchupWindowMs: catchupWindow === undefined ? DAY_MS : millisecondsOf(catchupWindow),
    jitterMs: jitter === undefined ? 0 : millisecondsOf(jitter),
    onSkippedTime: schedule.onSkippedTime ?? 'SHIFT_FORWARD',
    onRepeatedTime: schedule.onRepeatedTime ?? null,
  }
}
