import { assertNever } from '../assert-never.js'
import type { TriggerRule } from '../dag/definition.js'
import type { PlannedTask } from '../dag/plan.js'
import type { OpenRun, PendingInstance } from './state.js'

/** How the upstreams of a task have ended so far. */
export interface UpstreamCounts {
  readonly total: number
  readonly succeeded: number
  /** FAILED, ERRORED, TIMED_OUT, CANCELED and UPSTREAM_FAILED. */
  readonly failed: number
  readonly skipped: number
}

export type Ruling = 'READY' | 'WAIT' | 'SKIPPED' | 'UPSTREAM_FAILED'

/**
 * Airflow's trigger rules. A rule that can no longer hold ends its instance at once: that is how a failure or a skip
 * travels down the graph. A task without upstreams is ready under every rule.
 */
export function judge(rule: TriggerRule, upstream: UpstreamCounts): Ruling {
  const { total, succeeded, failed, skipped } = upstream
  const isDone = succeeded + failed + skipped === total
  if (total === 0) return 'READY'
  switch (rule) {
    case 'ALL_SUCCESS':
      if (failed > 0) return 'UPSTREAM_FAILED'
      return skipped > 0 ? 'SKIPPED' : readyWhen(isDone)
    case 'ALL_FAILED':
      return succeeded + skipped > 0 ? 'SKIPPED' : readyWhen(isDone)
    case 'ALL_DONE':
      return readyWhen(isDone)
    case 'ALL_DONE_MIN_ONE_SUCCESS':
      if (!isDone) return 'WAIT'
      return succeeded > 0 ? 'READY' : withoutSuccess(failed)
    case 'ONE_SUCCESS':
      if (succeeded > 0) return 'READY'
      return isDone ? withoutSuccess(failed) : 'WAIT'
    case 'ONE_FAILED':
      if (failed > 0) return 'READY'
      return isDone ? 'SKIPPED' : 'WAIT'
    case 'ONE_DONE':
      if (succeeded + failed > 0) return 'READY'
      return isDone ? 'SKIPPED' : 'WAIT'
    case 'NONE_FAILED':
      return failed > 0 ? 'UPSTREAM_FAILED' : readyWhen(isDone)
    case 'NONE_FAILED_MIN_ONE_SUCCESS':
      if (failed > 0) return 'UPSTREAM_FAILED'
      if (!isDone) return 'WAIT'
      return succeeded > 0 ? 'READY' : 'SKIPPED'
    case 'NONE_SKIPPED':
      return skipped > 0 ? 'SKIPPED' : readyWhen(isDone)
    case 'ALL_SKIPPED':
      return succeeded + failed > 0 ? 'SKIPPED' : readyWhen(isDone)
    case 'ALWAYS':
      return 'READY'
    default:
      return assertNever(rule)
  }
}

/** What the rule of a PENDING instance says now. */
export function rulingOf(state: OpenRun, ordinal: number): Ruling {
  const { triggerRule, needs } = state.plan.tasks[ordinal] as PlannedTask
  const { succeeded, failed, skipped } = state.instances[ordinal] as PendingInstance
  return judge(triggerRule, { total: needs.length, succeeded, failed, skipped })
}

function readyWhen(isDone: boolean): Ruling {
  return isDone ? 'READY' : 'WAIT'
}

function withoutSuccess(failed: number): Ruling {
  return failed > 0 ? 'UPSTREAM_FAILED' : 'SKIPPED'
}
