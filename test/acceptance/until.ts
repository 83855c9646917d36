import { setTimeout as pause } from 'node:timers/promises'

/** Asking more often would take the processor from the server that is asked. */
const ASK_EVERY_MS = 50

/** Asks again until the answer is neither null nor false; throws after `limitMs`, with what was awaited. */
export async function until<T>(what: string, ask: () => T | Promise<T>, limitMs: number): Promise<NonNullable<T>> {
  const end = performance.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer !== undefined && answer !== false) return answer
    if (performance.now() > end) throw new Error(`Waited ${limitMs} ms in vain for ${what}`)
    await pause(ASK_EVERY_MS)
  }
}
