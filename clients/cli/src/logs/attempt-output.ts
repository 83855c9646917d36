import { backOff } from '../graphql/backoff.js'
import { patiently } from '../graphql/patiently.js'
import type { Connection } from '../world.js'
import { EntryOrder } from './entry-order.js'
import { followLog } from './follow-log.js'
import { type InstanceRef, type LogEntry, readSlice } from './log-source.js'

export interface OutputOptions {
  /** Go on until the attempt has ended; otherwise stop at what there is. */
  readonly follow: boolean
  readonly signal: AbortSignal
  readonly onEntry: (entry: LogEntry) => void
  readonly onTruncated: () => void
}

/**
 * Hands over every entry of one attempt's output once and in order: what is stored, then what comes live, then again
 * what is stored, until it is complete. Answers with the instance as it was at the end.
 */
export async function attemptOutput(
  connection: Connection,
  instanceId: string,
  attempt: number,
  options: OutputOptions,
): Promise<InstanceRef> {
  const order = new EntryOrder()
  const hand = (entry: LogEntry): boolean => {
    const fresh = order.pass(entry)
    if (fresh !== undefined) options.onEntry(fresh)
    return fresh !== undefined
  }
  let after: string | null = null
  for (let quiet = 1; ; ) {
    const { instance, slice, end } = await storedOutput(connection, instanceId, attempt, after, options.signal, hand)
    if (slice.isTruncated) options.onTruncated()
    if (slice.isComplete || !options.follow) return instance
    quiet += 1
    for await (const entry of followLog(connection, { instanceId, attempt, after: end }, options.signal)) {
      if (hand(entry)) quiet = 0
    }
    options.signal.throwIfAborted()
    // From the last entry on rather than after it: whether an offset is an entry's start or end then does not matter.
    after = quiet === 0 ? order.cursor : end
    await backOff(Math.min(quiet + 1, 5), options.signal)
  }
}

/** Reads slices until there is no more for now; `end` is where to go on. */
async function storedOutput(
  { api }: Connection,
  instanceId: string,
  attempt: number,
  after: string | null,
  signal: AbortSignal,
  hand: (entry: LogEntry) => void,
): Promise<Awaited<ReturnType<typeof readSlice>> & { readonly end: string }> {
  for (let end = after; ; ) {
    const from = end
    const answer = await patiently(signal, () => readSlice(api, instanceId, attempt, from))
    answer.slice.entries.forEach(hand)
    if (answer.slice.entries.length === 0 || answer.slice.endOffset === from)
      return { ...answer, end: answer.slice.endOffset }
    end = answer.slice.endOffset
  }
}
