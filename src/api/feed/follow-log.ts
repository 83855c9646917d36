import { Wake } from '../../platform/wake.js'
import type { LogEntry } from '../../projections/output/cut-entries.js'
import { readSlice } from '../../projections/output/read-slice.js'
import type { InstanceRow } from '../../projections/run/instance-row.js'
import type { AttemptRow } from '../../projections/run/list-attempts.js'
import type { Context } from '../context.js'
import { loadAttempts, loadInstance } from '../instance/load-instances.js'
import type { LogFeedArgs } from './feed.type.js'
import { notThere } from './updates.js'

/** Output that another process has collected is found by looking again. */
const POLL_MS = 500
const SLICE_BYTES = 262_144

/**
 * An attempt's output after an offset, live, until the attempt has ended and all is delivered. Without an attempt: the
 * last one's, then that of each one after it, until the instance has ended. Throws NOT_FOUND.
 */
export async function* followLog(context: Context, args: LogFeedArgs): AsyncGenerator<LogEntry, void, void> {
  const { outputHints } = context.services
  const wake = new Wake()
  const stop = outputHints.listen(args.instanceId, () => wake.set())
  let number = args.attempt ?? null
  let offset = Math.max(args.afterOffset ?? 0, 0)
  try {
    while (!context.signal.aborted) {
      const { instance, attempts } = await look(context, args.instanceId)
      number ??= attempts.at(-1)?.number ?? null
      const attempt = attempts.find((each) => each.number === number)
      if (attempt !== undefined) {
        const read = yield* rest(context, attempt, offset)
        offset = read.offset
        const next = attempts.find((each) => each.number > attempt.number)
        if (read.isComplete && next !== undefined && args.attempt == null) {
          number = next.number
          offset = 0
          continue
        }
        if (read.isComplete && (args.attempt != null || instance.endedAt !== null)) return
      } else if (instance.endedAt !== null) return
      await wake.wait(POLL_MS, context.signal)
    }
  } finally {
    stop()
  }
}

/** Everything there is of the attempt by now. */
async function* rest(
  context: Context,
  { instanceId, number, endedAt }: AttemptRow,
  from: number,
): AsyncGenerator<LogEntry, { readonly offset: number; readonly isComplete: boolean }, void> {
  const { pool } = context.services.database
  const request = { instanceId, attempt: number, maxBytes: SLICE_BYTES, hasEnded: endedAt !== null }
  for (let offset = from; ; ) {
    const slice = await readSlice(pool, { ...request, afterOffset: offset })
    yield* slice.entries
    if (slice.isComplete || slice.endOffset === offset) return { offset: slice.endOffset, isComplete: slice.isComplete }
    offset = slice.endOffset
  }
}

/** The instance, then its attempts: who has ended by the first has all its attempts in the second. */
async function look(
  context: Context,
  instanceId: string,
): Promise<{ instance: InstanceRow; attempts: readonly AttemptRow[] }> {
  context.loaders.clear()
  const instance = await loadInstance(instanceId, context)
  if (instance === null) throw notThere('Instance', instanceId)
  return { instance, attempts: await loadAttempts(instanceId, context) }
}
