import type { Answer } from '../graphql/api.js'
import { backOff } from '../graphql/backoff.js'
import { follow, NoStream, type Resumable } from '../graphql/follow.js'
import { patiently } from '../graphql/patiently.js'
import type { Connection } from '../world.js'
import { hasEnded, type Run, readRun } from './run.js'

const RUN_UPDATED = /* GraphQL */ `
  subscription RunUpdated($runId: ID!, $after: Position) {
    runUpdated(runId: $runId, after: $after) { position event { type recordedAt } run { status } }
  }
`

interface RunUpdate {
  readonly runUpdated: {
    readonly position: string
    readonly event: { readonly type: string; readonly recordedAt: string }
    readonly run: { readonly status: string }
  }
}

/** Two cuts in a row are a restart; a third means that WebSockets do not pass here. */
const STREAM_ATTEMPTS = 3

export interface AwaitOptions {
  readonly signal: AbortSignal
  /** The run must be seen at least as it was at this position. */
  readonly minPosition?: string | null
  /** The run's own status changed, at that time. */
  readonly onStatus?: (status: string, recordedAt: string) => void
  /** Everything up to this position is now visible; called before each time of listening, and with the end. */
  readonly onState?: (state: Answer<Run>) => Promise<void>
}

/**
 * The run, when it has ended. Reads its state, then listens from that state's position on, so nothing falls between;
 * goes on over cut connections, and asks every few seconds where no WebSocket can be had.
 */
export async function awaitRun(connection: Connection, runId: string, options: AwaitOptions): Promise<Run> {
  for (let polls = 0; ; polls++) {
    const state = await patiently(options.signal, () => readRun(connection.api, runId, options))
    await options.onState?.(state)
    if (hasEnded(state.data.status)) return state.data
    try {
      await listenToTheEnd(connection, runId, state.position, options)
    } catch (error) {
      if (!(error instanceof NoStream)) throw error
      await backOff(Math.min(polls + 3, 6), options.signal)
    }
  }
}

async function listenToTheEnd(
  { sockets }: Connection,
  runId: string,
  after: string,
  { signal, onStatus }: AwaitOptions,
): Promise<void> {
  const stream: Resumable<RunUpdate> = {
    document: RUN_UPDATED,
    variables: (cursor) => ({ runId, after: cursor }),
    cursorOf: (item) => item.runUpdated.position,
  }
  let status = ''
  for await (const { runUpdated } of follow(sockets, stream, { after, signal, attempts: STREAM_ATTEMPTS })) {
    if (runUpdated.run.status !== status) onStatus?.(runUpdated.run.status, runUpdated.event.recordedAt)
    status = runUpdated.run.status
    if (hasEnded(status)) return
  }
  signal.throwIfAborted()
}
