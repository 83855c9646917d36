import type { JsonObject } from '../domain/json.js'
import type { SlaComparison } from './sla-conditions.js'
import { deadlineAfter, factKey } from './sla-facts.js'

/** Of a run, what facts are computed from. */
export interface RunTimes {
  readonly status: string
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  readonly logicalDate: Date | null
}

/** Of an instance that waits in a queue, or that holds capacity, what facts are computed from. */
export interface TaskTimes {
  /** Null: it does not wait. */
  readonly queuedAt: Date | null
  /** Of its last attempt. */
  readonly startedAt: Date | null
}

/** Those facts of a run that are compared, as they are at that moment (milliseconds); of an ended one, as they were at its end. */
export function runFacts(run: RunTimes, now: number, comparisons: readonly SlaComparison[]): JsonObject {
  const at = Math.min(now, run.endedAt?.getTime() ?? now)
  const scheduled = (run.logicalDate ?? run.createdAt).getTime()
  const facts: JsonObject = {}
  for (const { fact, params } of comparisons) {
    const key = factKey(fact, params)
    if (fact === 'runDurationSeconds') facts[key] = run.startedAt === null ? 0 : seconds(at - run.startedAt.getTime())
    if (fact === 'runStatus') facts[key] = run.status
    if (fact === 'sinceScheduledSeconds') facts[key] = seconds(at - scheduled)
    if (fact === 'secondsPastDeadline') {
      const { time, timezone } = params as { time: string; timezone: string }
      facts[key] = seconds(at - deadlineAfter(scheduled, time, timezone))
    }
  }
  return facts
}

/** Those facts of an instance that are compared, as they are at that moment (milliseconds). */
export function taskFacts(
  { queuedAt, startedAt }: TaskTimes,
  now: number,
  comparisons: readonly SlaComparison[],
): JsonObject {
  const facts: JsonObject = {}
  for (const { fact } of comparisons) {
    if (fact === 'queueWaitSeconds') facts[fact] = queuedAt === null ? 0 : seconds(now - queuedAt.getTime())
    if (fact === 'taskDurationSeconds') {
      facts[fact] = queuedAt !== null || startedAt === null ? 0 : seconds(now - startedAt.getTime())
    }
  }
  return facts
}

/** To the millisecond. */
function seconds(ms: number): number {
  return ms / 1_000
}
