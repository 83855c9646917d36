import { type Client, createClient } from 'graphql-ws/client'
import { WebSocket } from 'ws'
import { socketEndpointOf } from '../config/server-url.js'
import {
  ForbiddenFailure,
  IncompatibleFailure,
  NotFoundFailure,
  NotSignedInFailure,
  RefusedFailure,
  UnreachableFailure,
} from '../failure.js'
import type { Session } from '../session/session.js'
import { failureOf } from './failure-of.js'
import type { WireAnswer, WireError } from './post.js'

/** The stream was cut: nothing is wrong with the request, and it may go on from where it stopped. */
export class StreamCut extends Error {
  readonly code = 'STREAM_CUT'
}

const PING_EVERY_MS = 10_000
const PONG_WITHIN_MS = 5_000
/** The server's close codes for a connection that it did not accept. */
const UNAUTHORIZED = new Set([4401, 4403])

class TimedWebSocket extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols, { handshakeTimeout: 10_000 })
  }
}

/** Subscriptions of one session over one WebSocket, opened with the first and closed by `close`. It never reconnects. */
export class Sockets {
  private client: Client | undefined
  private socket: WebSocket | undefined
  private lastToken = ''
  private isRefused = false

  constructor(private readonly session: Session) {}

  /** Items until the server completes the stream or the signal is aborted. Throws StreamCut, or a Failure for good. */
  async *subscribe<T>(
    query: string,
    variables: Record<string, unknown>,
    signal: AbortSignal,
    operationName?: string,
  ): AsyncGenerator<T, void, void> {
    this.client ??= this.createClient()
    const answers = this.client.iterate<T>({
      query,
      variables,
      ...(operationName === undefined ? {} : { operationName }),
    })
    const stop = (): void => void answers.return?.()
    signal.addEventListener('abort', stop, { once: true })
    try {
      for await (const answer of answers as AsyncIterable<WireAnswer<T>>) {
        this.isRefused = false
        yield this.accept(answer)
      }
    } catch (error) {
      throw await this.failureOf(error)
    } finally {
      signal.removeEventListener('abort', stop)
      stop()
    }
  }

  /** Ends all subscriptions, without waiting for the other side to say goodbye. */
  close(): void {
    this.client?.terminate()
    this.socket?.terminate()
    this.client = undefined
  }

  private createClient(): Client {
    let pongTimer: NodeJS.Timeout | undefined
    const client: Client = createClient({
      url: socketEndpointOf(this.session.server),
      webSocketImpl: TimedWebSocket,
      connectionParams: async () => {
        this.lastToken = await this.session.accessToken()
        return { authorization: `Bearer ${this.lastToken}` }
      },
      connectionAckWaitTimeout: 10_000,
      // Resuming needs the last cursor, which only the caller knows.
      retryAttempts: 0,
      keepAlive: PING_EVERY_MS,
      on: {
        // A line that is dead in one direction would otherwise look like a quiet stream for ever.
        ping: (received) => {
          if (!received) pongTimer = setTimeout(() => this.cut(client), PONG_WITHIN_MS).unref()
        },
        pong: (received) => {
          if (received) clearTimeout(pongTimer)
        },
        opened: (socket) => {
          this.socket = socket as WebSocket
        },
        closed: () => clearTimeout(pongTimer),
      },
    })
    return client
  }

  private cut(client: Client): void {
    client.terminate()
    this.socket?.terminate()
  }

  private accept<T>(answer: WireAnswer<T>): T {
    if (answer.errors !== undefined && answer.errors.length > 0) throw answer.errors
    return answer.data as T
  }

  private async failureOf(error: unknown): Promise<Error> {
    if (Array.isArray(error)) return this.failureOfErrors(error as WireError[])
    const closeCode = (error as { code?: unknown } | null)?.code
    if (typeof closeCode === 'number' && UNAUTHORIZED.has(closeCode)) return this.renewed()
    if (error instanceof NotSignedInFailure) return error
    const why = (error as { reason?: string; message?: string } | null) ?? {}
    return new StreamCut(`The stream was cut (${why.reason || why.message || closeCode || 'no reason given'})`)
  }

  private async failureOfErrors(errors: readonly WireError[]): Promise<Error> {
    const failure = failureOf(
      errors[0] ?? { message: 'The subscription failed without saying why' },
      this.session.server,
    )
    if (failure instanceof NotSignedInFailure) return this.renewed()
    const isForGood = [ForbiddenFailure, NotFoundFailure, RefusedFailure, IncompatibleFailure].some(
      (kind) => failure instanceof kind,
    )
    return isForGood ? failure : new StreamCut(failure.message, { cause: failure })
  }

  /** A first refusal means that the token ran out on the way; a second one, with a new token, is final. */
  private async renewed(): Promise<Error> {
    if (this.isRefused) {
      const next = `dagbook login --server ${this.session.server}`
      return new NotSignedInFailure(`The server ${this.session.server} refuses the session's subscriptions`, next)
    }
    this.isRefused = true
    try {
      await this.session.renew(this.lastToken)
      return new StreamCut('The access token ran out')
    } catch (error) {
      if (error instanceof UnreachableFailure) return new StreamCut(error.message, { cause: error })
      return error as Error
    }
  }
}
