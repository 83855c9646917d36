import type { Fires } from '../commands/fire-schedule.js'
import { type FireOutcome, overlapOutcomes } from '../domain/schedule/overlap.js'
import type { DueSchedule } from '../projections/schedule/due-schedules.js'
import { jitterOf, timetableOf } from '../timetable/timetable.js'

/** A fire that comes later than that was missed, by a server that stood still, and is a matter of `catchup`. */
const ON_TIME_MS = 60_000
/** Requested in one transaction; the rest follows in the next. */
const MAX_FIRES = 100
/** Of all of these together, however few fires that makes. */
const MAX_INSTANCES = 50_000
/** Looked at in one go. */
const MAX_TIMES = 5_000

/** A time of a schedule, and when its jitter lets it fire. */
interface DueTime {
  readonly at: number
  readonly dueAt: number
}

/** Decides on what is due at `now` of a DAG of so many tasks. The same for all who look at the same row at the same moment. */
export function planAdvance(due: DueSchedule, now: number, taskCount: number): Fires {
  const most = Math.max(1, Math.min(MAX_FIRES, Math.floor(MAX_INSTANCES / Math.max(1, taskCount))))
  const { times, nextAt } = dueTimes(due, now)
  const isMore = nextAt !== null && nextAt <= now
  const { owed, missed } = owedOf(due, times, now, isMore)
  const wanted = owed.slice(0, most)
  const outcomes = overlapOutcomes(due.schedule.overlapPolicy, wanted.length, due)
  const that = (outcome: FireOutcome) => wanted.filter((_, at) => outcomes[at] === outcome)
  const isCut = owed.length > most
  return {
    through: (isCut ? wanted.at(-1) : times.at(-1)?.at) ?? due.through.getTime(),
    nextAt: isCut ? now : nextAt,
    fires: wanted.flatMap((at, index) => {
      const outcome = outcomes[index]
      return outcome === 'STARTED' || outcome === 'QUEUED' ? [{ at, isQueued: outcome === 'QUEUED' }] : []
    }),
    skipped: that('SKIPPED'),
    dropped: that('DROPPED'),
    missed,
  }
}

/** The times that are due, and when the one after them is. */
function dueTimes(due: DueSchedule, now: number): { readonly times: DueTime[]; readonly nextAt: number | null } {
  const { schedule, dagId } = due
  const source = timetableOf(schedule, due.anchorAt.getTime()).times(due.through.getTime())
  const times: DueTime[] = []
  let at = source.next().value ?? null
  while (at !== null) {
    const next = source.next().value ?? null
    const dueAt = at + jitterOf(dagId, at, next, schedule.jitterMs)
    if (dueAt > now || times.length >= MAX_TIMES) return { times, nextAt: dueAt }
    times.push({ at, dueAt })
    at = next
  }
  return { times, nextAt: null }
}

/**
 * Which of them are fired, and how many others are missed. `isMore`: more are due than these. More than can be fired in one
 * go are owed only where all are made up for, and then those that are missed come before them.
 */
function owedOf(
  { schedule }: DueSchedule,
  times: readonly DueTime[],
  now: number,
  isMore: boolean,
): { readonly owed: readonly number[]; readonly missed: number } {
  const onTime = times.filter(({ dueAt }) => dueAt >= now - ON_TIME_MS)
  const late = times.slice(0, times.length - onTime.length)
  const inWindow = late.filter(({ at }) => at >= now - schedule.catchupWindowMs)
  const isLastLate = !isMore && onTime.length === 0
  const made = { NONE: [], LAST: isLastLate ? inWindow.slice(-1) : [], ALL: inWindow }[schedule.catchup]
  return { owed: [...made, ...onTime].map(({ at }) => at), missed: late.length - made.length }
}
