import { backOff } from './backoff.js'
import { type Sockets, StreamCut } from './sockets.js'

/** The WebSocket could not be had, or was cut, several times in a row; the caller may ask instead of listening. */
export class NoStream extends Error {
  readonly code = 'NO_STREAM'
}

/** A subscription that can stop anywhere and go on. */
export interface Resumable<T> {
  readonly document: string
  readonly operationName?: string
  /** The variables that continue after `cursor`. */
  variables(cursor: string | null): Record<string, unknown>
  /** Where to continue after `item`: a whole number, growing along the stream. */
  cursorOf(item: T): string
}

export interface FollowOptions {
  readonly after: string | null
  readonly signal: AbortSignal
  /** Failures in a row before NoStream; default: never. */
  readonly attempts?: number
  /** The server ends this stream when there is nothing more to come; otherwise an end is a cut. */
  readonly hasEnd?: boolean
  /** Told about each cut, with the number of failures in a row. */
  readonly onCut?: (error: StreamCut, failures: number) => void
}

/**
 * Every item once and in order, over as many connections as it takes, with a jittered wait between them. Items at or
 * before the cursor are dropped, in case a connection repeats them.
 */
export async function* follow<T>(
  sockets: Sockets,
  stream: Resumable<T>,
  options: FollowOptions,
): AsyncGenerator<T, void, void> {
  const received = (after: string | null): AsyncGenerator<T, void, void> =>
    sockets.subscribe<T>(stream.document, stream.variables(after), options.signal, stream.operationName)
  let cursor = options.after
  for (let failures = 0; !options.signal.aborted; ) {
    try {
      for await (const item of received(cursor)) {
        failures = 0
        const next = stream.cursorOf(item)
        if (cursor !== null && BigInt(next) <= BigInt(cursor)) continue
        cursor = next
        yield item
      }
      if (options.hasEnd || options.signal.aborted) return
      throw new StreamCut('The server ended the stream')
    } catch (error) {
      if (!(error instanceof StreamCut)) throw error
      failures += 1
      if (failures >= (options.attempts ?? Number.POSITIVE_INFINITY))
        throw new NoStream(error.message, { cause: error })
      options.onCut?.(error, failures)
      await backOff(failures, options.signal)
    }
  }
}
