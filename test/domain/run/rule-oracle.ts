import type { TriggerRule } from '../../../src/domain/dag/definition.js'
import type { Ruling } from '../../../src/domain/run/trigger-rules.js'

/** How many upstreams have succeeded, failed, were skipped, and have not ended. */
export interface Counts {
  readonly succeeded: number
  readonly failed: number
  readonly skipped: number
  readonly pending: number
}

/** When a rule fires, in the vocabulary's own words and nothing else. */
const FIRES: { readonly [Rule in TriggerRule]: (counts: Counts) => boolean } = {
  ALL_SUCCESS: ({ failed, skipped, pending }) => pending === 0 && failed === 0 && skipped === 0,
  ALL_FAILED: ({ succeeded, skipped, pending }) => pending === 0 && succeeded === 0 && skipped === 0,
  ALL_DONE: ({ pending }) => pending === 0,
  ALL_DONE_MIN_ONE_SUCCESS: ({ succeeded, pending }) => pending === 0 && succeeded >= 1,
  ONE_SUCCESS: ({ succeeded }) => succeeded >= 1,
  ONE_FAILED: ({ failed }) => failed >= 1,
  ONE_DONE: ({ succeeded, failed }) => succeeded >= 1 || failed >= 1,
  NONE_FAILED: ({ failed, pending }) => pending === 0 && failed === 0,
  NONE_FAILED_MIN_ONE_SUCCESS: ({ succeeded, failed, pending }) => pending === 0 && failed === 0 && succeeded >= 1,
  NONE_SKIPPED: ({ skipped, pending }) => pending === 0 && skipped === 0,
  ALL_SKIPPED: ({ succeeded, failed, pending }) => pending === 0 && succeeded === 0 && failed === 0,
  ALWAYS: () => true,
}

/** Whether some way in which the pending ones may end makes the rule fire, found by trying them all. */
function canStillFire(rule: TriggerRule, { succeeded, failed, skipped, pending }: Counts): boolean {
  for (let s = 0; s <= pending; s += 1) {
    for (let f = 0; s + f <= pending; f += 1) {
      const k = pending - s - f
      if (FIRES[rule]({ succeeded: succeeded + s, failed: failed + f, skipped: skipped + k, pending: 0 })) return true
    }
  }
  return false
}

function endOf(rule: TriggerRule, { succeeded, failed, skipped }: Counts): Ruling {
  switch (rule) {
    case 'ALL_SUCCESS':
    case 'NONE_FAILED':
    case 'NONE_FAILED_MIN_ONE_SUCCESS':
      return failed > 0 ? 'UPSTREAM_FAILED' : 'SKIPPED'
    case 'ONE_SUCCESS':
    case 'ALL_DONE_MIN_ONE_SUCCESS':
      return skipped === succeeded + failed + skipped ? 'SKIPPED' : 'UPSTREAM_FAILED'
    default:
      return 'SKIPPED'
  }
}

/** What the vocabulary and the semantics say of a task with at least one upstream; shares nothing with the code. */
export function expectedRuling(rule: TriggerRule, counts: Counts): Ruling {
  if (FIRES[rule](counts)) return 'READY'
  return canStillFire(rule, counts) ? 'WAIT' : endOf(rule, counts)
}
