import { UnreachableFailure } from '../failure.js'
import { backOff } from './backoff.js'

/** A server that is gone for longer is not waited for; a restart or a failover takes seconds. */
const GIVE_UP_AFTER_MS = 300_000

/** Repeats `read` while the server cannot be reached, for at most five minutes. */
export async function patiently<T>(signal: AbortSignal, read: () => Promise<T>): Promise<T> {
  const startedAt = Date.now()
  for (let failures = 1; ; failures++) {
    try {
      return await read()
    } catch (error) {
      const isHopeless = !(error instanceof UnreachableFailure) || Date.now() - startedAt > GIVE_UP_AFTER_MS
      if (isHopeless || signal.aborted) throw error
      await backOff(failures + 2, signal)
    }
  }
}
