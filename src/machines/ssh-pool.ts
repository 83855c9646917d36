import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../platform/clock.js'
import { ContactError } from './contact-error.js'
import { connectSsh, type SshTarget } from './ssh-connect.js'
import { SshConnection, type SshConnectionOptions } from './ssh-connection.js'
import type { Channel } from './transport.js'

export interface SshPoolOptions extends SshConnectionOptions {
  /** For a connection to be made and logged in. */
  readonly connectTimeoutMs: number
  readonly maxConnections: number
  /**
   * The pause after a failed connect, or a lost connection, doubles from the first up to the longest; both are cut by up to
   * half, by chance.
   */
  readonly firstPauseMs: number
  readonly longestPauseMs: number
  /** Told of every connection that was made, and of every failure to make one or to keep it. */
  readonly onContact?: ((contact: 'MADE' | ContactError) => void) | undefined
}

/** A connection that broke sooner than this counts like one that was not made; a longer one begins the count anew. */
const SHORT_LIVED_MS = 1_000
/** Whoever asks in a pause that is no longer waits for its end. */
const WAITED_MS = 1_000
/** What waits for somebody who mends it is tried that much more seldom: an address that fails to log in gets banned. */
const UNMENDED_FACTOR = 6

/**
 * The connections to one host: one, and more only while its channels do not do. Connects one at a time; after a failure
 * it pauses, and answers with the last one meanwhile.
 */
export class SshPool {
  readonly #connections = new Set<SshConnection>()
  readonly #closing = new AbortController()
  #connecting: Promise<void> | null = null
  #failures = 0
  #lastFailure: { readonly error: ContactError; readonly untilMs: number } | null = null

  constructor(
    private readonly target: SshTarget,
    private readonly options: SshPoolOptions,
  ) {}

  /**
   * Runs a command line on the host. A host that has no room for another channel or connection is asked again until
   * `openTimeoutMs` have passed. Throws ContactError.
   */
  async open(command: string): Promise<Channel> {
    const untilMs = monotonicMs() + this.options.openTimeoutMs
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#open(command)
      } catch (error) {
        const isBusy = error instanceof ContactError && error.reason.startsWith('TOO_MANY_')
        const pauseMs = half(Math.min(50 * 2 ** tries, 1_000))
        if (!isBusy || monotonicMs() + pauseMs > untilMs || this.#closing.signal.aborted) throw error
        await delay(pauseMs, undefined, { signal: this.#closing.signal }).catch(() => {})
      }
    }
  }

  /** Ends all connections; none is made any more. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#connecting?.catch(() => {})
    await Promise.all([...this.#connections].map((connection) => connection.close()))
  }

  async #open(command: string): Promise<Channel> {
    for (;;) {
      if (this.#closing.signal.aborted) throw new ContactError('CONNECT', 'The machine is closed')
      const free = [...this.#connections].find(({ hasRoom }) => hasRoom)
      if (free !== undefined) return await free.open(command)
      if (this.#connections.size >= this.options.maxConnections) {
        throw new ContactError('TOO_MANY_CHANNELS', `All channels of ${this.#connections.size} connections are in use`)
      }
      this.#connecting ??= this.#connect().finally(() => {
        this.#connecting = null
      })
      await this.#connecting
    }
  }

  async #connect(): Promise<void> {
    await this.#pause()
    try {
      const link = await connectSsh(this.target, this.options, this.#closing.signal)
      const connection = new SshConnection(link, this.options, () => this.#spare(connection))
      this.#connections.add(connection)
      const madeMs = monotonicMs()
      void connection.closed.then((reason) => this.#lost(connection, madeMs, reason))
      this.options.onContact?.('MADE')
    } catch (error) {
      if (error instanceof ContactError) this.#fail(error)
      throw error
    }
  }

  /** Waits for the end of a short pause; in a longer one the last failure is the answer. */
  async #pause(): Promise<void> {
    const pauseMs = (this.#lastFailure?.untilMs ?? 0) - monotonicMs()
    if (this.#lastFailure === null || pauseMs <= 0) return
    if (pauseMs > WAITED_MS || !this.#lastFailure.error.isRetryable) throw this.#lastFailure.error
    await delay(pauseMs, undefined, { signal: this.#closing.signal }).catch(() => {})
  }

  /** A connection has no channels left: one is kept for later. */
  #spare(connection: SshConnection): void {
    if (this.#connections.size < 2 || !this.#connections.delete(connection)) return
    void connection.close()
  }

  #lost(connection: SshConnection, madeMs: number, reason: string): void {
    if (!this.#connections.delete(connection) || this.#closing.signal.aborted) return
    if (monotonicMs() - madeMs >= SHORT_LIVED_MS) this.#failures = 0
    // A pause however long it lived: a switch that resets takes the connections of a hundred hosts at once.
    this.#fail(new ContactError('LOST', reason))
  }

  #fail(error: ContactError): void {
    if (this.#closing.signal.aborted) return
    const { firstPauseMs, longestPauseMs } = this.options
    const pauseMs = half(Math.min(firstPauseMs * 2 ** this.#failures, longestPauseMs))
    const untilMs = monotonicMs() + (error.isRetryable ? pauseMs : pauseMs * UNMENDED_FACTOR)
    this.#failures += 1
    this.#lastFailure = { error, untilMs }
    this.options.onContact?.(error)
  }
}

/** Cut by up to half, so that many who failed together do not come back together. */
function half(ms: number): number {
  return ms * (0.5 + Math.random() / 2)
}
