import { assertNever } from '../assert-never.js'
import type { Backoff } from '../dag/definition.js'
import type { RetryPlan } from '../dag/plan.js'
import type { AttemptOutcome } from './commands.js'

/** A failure of the infrastructure does not use up the user's attempts; it has this many of its own. */
export const INFRASTRUCTURE_RETRIES = 5

const INFRASTRUCTURE_DELAY: RetryPlan = {
  maxAttempts: INFRASTRUCTURE_RETRIES,
  delayMs: 1_000,
  backoff: 'EXPONENTIAL',
  maxDelayMs: 60_000,
  jitter: true,
  onExitCodes: null,
}

export interface RetryDecision {
  readonly budget: 'USER' | 'INFRASTRUCTURE'
  readonly delayMs: number
}

/** Whether an attempt that ended so is followed by another, and after how long; null: it was the last. */
export function decideRetry(
  policy: RetryPlan,
  outcome: AttemptOutcome,
  exitCode: number | null,
  made: { readonly attempts: number; readonly infrastructureFailures: number },
  random: number,
): RetryDecision | null {
  if (outcome === 'NOT_STARTED' || outcome === 'LOST') {
    if (made.infrastructureFailures >= INFRASTRUCTURE_RETRIES) return null
    return {
      budget: 'INFRASTRUCTURE',
      delayMs: delayBefore(INFRASTRUCTURE_DELAY, made.infrastructureFailures + 1, random),
    }
  }
  if (outcome !== 'FAILED' && outcome !== 'TIMED_OUT') return null
  const failures = made.attempts - made.infrastructureFailures
  if (failures >= policy.maxAttempts) return null
  if (policy.onExitCodes !== null && (exitCode === null || !policy.onExitCodes.includes(exitCode))) return null
  return { budget: 'USER', delayMs: delayBefore(policy, failures, random) }
}

/** The wait after failure number `failures` (from 1): constant, linear or doubling, capped, then jittered by half. */
function delayBefore(policy: RetryPlan, failures: number, random: number): number {
  const delay = Math.min(policy.delayMs * growth(policy.backoff, failures), policy.maxDelayMs)
  return Math.round(policy.jitter ? delay * (0.5 + random / 2) : delay)
}

function growth(backoff: Backoff, failures: number): number {
  switch (backoff) {
    case 'CONSTANT':
      return 1
    case 'LINEAR':
      return failures
    case 'EXPONENTIAL':
      // Bounded: beyond 2^1023 it would be Infinity, and no delay times that NaN.
      return 2 ** Math.min(failures - 1, 52)
    default:
      return assertNever(backoff)
  }
}
