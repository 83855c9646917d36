import { setImmediate } from 'node:timers/promises'
import { monotonicMs } from '../platform/clock.js'

/** How long others wait for this at a time. */
const TURN_MS = 20

/**
 * Works through the items one after the other and lets others have the event loop in between. False: it was stopped at
 * the deadline, with items left.
 */
export async function inTurns<Item>(
  items: Iterable<Item>,
  deadlineMs: number,
  work: (item: Item) => void | Promise<void>,
): Promise<boolean> {
  const endsAt = monotonicMs() + deadlineMs
  let turnEndsAt = monotonicMs() + TURN_MS
  for (const item of items) {
    const now = monotonicMs()
    if (now >= endsAt) return false
    if (now >= turnEndsAt) {
      await setImmediate()
      turnEndsAt = monotonicMs() + TURN_MS
    }
    const pending = work(item)
    if (pending !== undefined) await pending
  }
  return true
}
