import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../failure.js'
import type { Api } from '../graphql/api.js'
import { readInstances, type WaitReason } from './instances.js'

/** By task, what keeps an instance that waits for capacity or a retry. */
export type Waits = ReadonlyMap<string, readonly WaitReason[]>

const EVERY_MS = 5_000
/** Nobody reads more of them, and they are often the same. */
const MAX_SHOWN = 50
const WAITING = ['QUEUED', 'RETRY_WAIT']

/** Why a run's instances wait, now and again until the signal aborts: what they wait for changes without an event of theirs. */
export async function watchWaits(
  api: Api,
  runId: string,
  show: (waits: Waits, at: string) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    // Who has just been queued is mostly about to start.
    await delay(EVERY_MS, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    try {
      const waiting = await readInstances(api, runId, MAX_SHOWN, WAITING)
      const kept = waiting.filter(({ waitReasons }) => waitReasons.length > 0)
      show(new Map(kept.map(({ taskKey, waitReasons }) => [taskKey, waitReasons])), new Date().toISOString())
    } catch (error) {
      // The run itself is watched elsewhere, which says what is wrong.
      if (!(error instanceof Failure) && !signal.aborted) throw error
    }
  }
}

/** `All 4 slots of machine m are taken; ...`. */
export function waitText(reasons: readonly WaitReason[]): string {
  return reasons.map(({ message }) => message).join('; ')
}
