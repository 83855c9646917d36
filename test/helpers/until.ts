import { setTimeout as pause } from 'node:timers/promises'

const SHORTEST_PAUSE_MS = 5
const LONGEST_PAUSE_MS = 250

/**
 * Asks again until the answer is neither null, undefined nor false; throws after `limitMs`, with what was awaited. The
 * limit is for what hangs: a busy machine takes its time. Asking takes the processor from the one that is asked: the
 * pauses grow with what was waited so far, and are as long as an answer takes at least.
 */
export async function until<T>(what: string, ask: () => T | Promise<T>, limitMs = 150_000): Promise<NonNullable<T>> {
  const begin = performance.now()
  for (;;) {
    const asked = performance.now()
    const answer = await ask()
    if (answer !== null && answer !== undefined && answer !== false) return answer as NonNullable<T>
    const now = performance.now()
    if (now - begin > limitMs) throw new Error(`Waited ${limitMs} ms in vain for ${what}`)
    await pause(Math.min(Math.max(SHORTEST_PAUSE_MS, now - asked, (now - begin) / 10), LONGEST_PAUSE_MS))
  }
}
