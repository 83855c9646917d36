import { setTimeout as pause } from 'node:timers/promises'

/** Asking more often would take the processor from the one that is asked. */
const LONGEST_PAUSE_MS = 50

/**
 * Asks again until the answer is neither null, undefined nor false; throws after `limitMs`, with what was awaited. The
 * limit is for what hangs: a busy machine takes its time.
 */
export async function until<T>(what: string, ask: () => T | Promise<T>, limitMs = 60_000): Promise<NonNullable<T>> {
  const end = performance.now() + limitMs
  for (let pauseMs = 5; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const answer = await ask()
    if (answer !== null && answer !== undefined && answer !== false) return answer as NonNullable<T>
    if (performance.now() > end) throw new Error(`Waited ${limitMs} ms in vain for ${what}`)
    await pause(pauseMs)
  }
}
