import { setTimeout as delay } from 'node:timers/promises'

/**
 * How long to wait before try number `failures` + 1: doubling from 100 ms to 10 s, between half of it and all of it, so
 * that many clients of a server that comes back do not come at once.
 */
export function backoffMs(failures: number, random: number): number {
  const full = Math.min(10_000, 100 * 2 ** Math.min(failures - 1, 10))
  return Math.round(full / 2 + (full / 2) * random)
}

/** Waits that long; rejects with an AbortError as soon as the signal is aborted. */
export async function backOff(failures: number, signal?: AbortSignal): Promise<void> {
  await delay(backoffMs(failures, Math.random()), undefined, signal === undefined ? {} : { signal })
}
