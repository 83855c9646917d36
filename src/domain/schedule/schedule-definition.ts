/** What happens to a fire whose time has come while runs of the schedule are open; Temporal's names and meaning. */
export const OVERLAP_POLICIES = [
  'SKIP',
  'BUFFER_ONE',
  'BUFFER_ALL',
  'CANCEL_OTHER',
  'TERMINATE_OTHER',
  'ALLOW_ALL',
] as const
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number]

/** Which of the fires are made up for that nobody was there for. */
export type Catchup = 'NONE' | 'LAST' | 'ALL'
/** A local time that the clock jumps over. */
export type SkippedTime = 'SKIP' | 'SHIFT_FORWARD'
/** A local time that comes twice. */
export type RepeatedTime = 'FIRST' | 'LAST' | 'BOTH'

/** `schedule` as the DAG file has it. */
export interface ScheduleDefinition {
  readonly cron?: string | readonly string[]
  /** Durations are as elsewhere: `1h30m`, or seconds. */
  readonly interval?: string | number
  readonly timezone?: string
  /** RFC 3339. */
  readonly startsAt?: string
  readonly endsAt?: string
  readonly overlapPolicy?: OverlapPolicy
  readonly catchup?: Catchup
  readonly catchupWindow?: string | number
  readonly jitter?: string | number
  readonly onSkippedTime?: SkippedTime
  readonly onRepeatedTime?: RepeatedTime
}
