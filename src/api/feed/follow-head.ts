import { setTimeout as delay } from 'node:timers/promises'
import type { Context } from '../context.js'

const INTERVAL_MS = 1_000

/** The journal's head, at once and then every second, whether it has moved or not. */
export async function* followHead({ services, signal }: Context): AsyncGenerator<number, void, void> {
  while (!signal.aborted) {
    yield await services.tail.current(INTERVAL_MS)
    await delay(INTERVAL_MS, undefined, { signal }).catch(() => undefined)
  }
}
