import { assertNever } from '../assert-never.js'
import type { OverlapPolicy } from './schedule-definition.js'

/** The runs of a schedule that have not ended; `queued` of them have not begun. */
export interface OpenRuns {
  readonly open: number
  readonly queued: number
}

/**
 * What becomes of a fire. STARTED: its run begins at once; QUEUED: its run waits for those before it; SKIPPED: others were
 * in its way; DROPPED: too many wait already.
 */
export type FireOutcome = 'STARTED' | 'QUEUED' | 'SKIPPED' | 'DROPPED'

/** Runs that a schedule lets wait under BUFFER_ALL. */
const MAX_QUEUED = 1_000

/**
 * The outcomes of `count` fires that come at once, the earliest first. Under CANCEL_OTHER and TERMINATE_OTHER the latest
 * makes the others pointless; that runs before it are canceled is a step of its own.
 */
export function overlapOutcomes(policy: OverlapPolicy, count: number, runs: OpenRuns): FireOutcome[] {
  let { open, queued } = runs
  return Array.from({ length: count }, (_, at) => {
    const outcome = outcomeOf(policy, open, queued, at === count - 1)
    if (outcome === 'STARTED' || outcome === 'QUEUED') open += 1
    if (outcome === 'QUEUED') queued += 1
    return outcome
  })
}

function outcomeOf(policy: OverlapPolicy, open: number, queued: number, isLast: boolean): FireOutcome {
  switch (policy) {
    case 'SKIP':
      return open === 0 ? 'STARTED' : 'SKIPPED'
    case 'BUFFER_ONE':
      if (open === 0) return 'STARTED'
      return queued === 0 ? 'QUEUED' : 'SKIPPED'
    case 'BUFFER_ALL':
      if (open === 0) return 'STARTED'
      return queued < MAX_QUEUED ? 'QUEUED' : 'DROPPED'
    case 'CANCEL_OTHER':
      if (!isLast) return 'SKIPPED'
      return open === 0 ? 'STARTED' : 'QUEUED'
    case 'TERMINATE_OTHER':
      return isLast ? 'STARTED' : 'SKIPPED'
    case 'ALLOW_ALL':
      return 'STARTED'
    default:
      return assertNever(policy)
  }
}
