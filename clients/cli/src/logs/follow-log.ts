import { StreamCut } from '../graphql/sockets.js'
import type { Connection } from '../world.js'
import type { LogEntry } from './log-source.js'

const INSTANCE_LOG = /* GraphQL */ `
  subscription InstanceLog($instanceId: ID!, $attempt: Int!, $after: BigInt) {
    instanceLog(instanceId: $instanceId, attempt: $attempt, afterOffset: $after) { offset stream text recordedAt }
  }
`

/** A quiet stream is left for a look at the state, in case its end was lost. */
const QUIET_MS = 10_000

/**
 * The live output of one attempt after an offset, until the server ends it, the connection is cut or nothing came for
 * 10 s; the caller then asks whether the output is complete, and comes again if not.
 */
export async function* followLog(
  { sockets }: Connection,
  log: { readonly instanceId: string; readonly attempt: number; readonly after: string },
  signal: AbortSignal,
): AsyncGenerator<LogEntry, void, void> {
  const quiet = new AbortController()
  const timer = setTimeout(() => quiet.abort(), QUIET_MS)
  const either = AbortSignal.any([signal, quiet.signal])
  try {
    for await (const item of sockets.subscribe<{ instanceLog: LogEntry }>(INSTANCE_LOG, { ...log }, either)) {
      timer.refresh()
      yield item.instanceLog
    }
  } catch (error) {
    if (!(error instanceof StreamCut)) throw error
  } finally {
    clearTimeout(timer)
  }
}
