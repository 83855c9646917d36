import type { Socket } from 'node:net'
import type { Client, ClientChannel } from 'ssh2'
import { ContactError } from './contact-error.js'
import { channelOf } from './ssh-channel.js'
import type { SshLink } from './ssh-connect.js'
import { channelError } from './ssh-errors.js'
import type { Channel } from './transport.js'

export interface SshConnectionOptions {
  /** For a channel to be open and its command running. */
  readonly openTimeoutMs: number
  /** The host is asked for a sign of life that often ... */
  readonly keepaliveMs: number
  /** ... and given up when nothing at all came from it that many times in a row. */
  readonly keepaliveMisses: number
  /** Channels at once, at most. */
  readonly maxChannels: number
}

/** One connection that is logged in. It ends when either side ends it, or the host is not heard any more. */
export class SshConnection {
  /** Resolves once, with why it ended. */
  readonly closed: Promise<string>
  readonly #client: Client
  readonly #socket: Socket
  #limit: number
  #channels = 0
  #reason = 'the connection was closed by the host'

  constructor(
    link: SshLink,
    private readonly options: SshConnectionOptions,
    private readonly onIdle: () => void,
  ) {
    this.#client = link.client
    this.#socket = link.socket
    this.#limit = options.maxChannels
    const stopWatching = this.#watch()
    this.#client.on('error', (error) => {
      this.#reason = `the connection broke: ${error.message}`
    })
    this.closed = new Promise((resolve) => {
      this.#socket.once('close', () => {
        stopWatching()
        resolve(this.#reason)
      })
    })
  }

  /** Whether another channel may be opened now. */
  get hasRoom(): boolean {
    return this.#channels < this.#limit
  }

  /**
   * Runs a command line in a channel of its own. Throws ContactError; after TOO_MANY_CHANNELS this connection asks for no
   * more than the host gave it.
   */
  async open(command: string): Promise<Channel> {
    this.#channels += 1
    try {
      const stream = await this.#exec(command)
      stream.once('close', () => this.#release())
      return channelOf(stream, this.closed)
    } catch (error) {
      if (error instanceof ContactError && error.reason === 'TOO_MANY_CHANNELS') {
        this.#limit = Math.max(1, this.#channels - 1)
      }
      this.#release()
      throw error
    }
  }

  async close(): Promise<void> {
    this.#reason = 'the machine was closed'
    this.#client.end()
    // A host that does not say good-bye is not waited for.
    const timer = setTimeout(() => this.#socket.destroy(), 1_000)
    await this.closed
    clearTimeout(timer)
  }

  #release(): void {
    this.#channels -= 1
    if (this.#channels === 0) this.onIdle()
  }

  #exec(command: string): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      const { openTimeoutMs } = this.options
      let isLate = false
      const timer = setTimeout(() => {
        isLate = true
        reject(new ContactError('TIMEOUT', `The host opened no channel within ${openTimeoutMs} ms`))
      }, openTimeoutMs)
      const done = (error: Error | undefined, stream?: ClientChannel) => {
        clearTimeout(timer)
        if (stream === undefined) reject(this.#refusal(error ?? new Error('no channel')))
        else if (isLate) discard(stream)
        else resolve(stream)
      }
      try {
        this.#client.exec(command, done)
      } catch (error) {
        done(error as Error)
      }
    })
  }

  /** When the connection breaks ssh2 answers as if the host had refused the command. */
  #refusal(error: Error): ContactError {
    if (!this.#socket.destroyed) return channelError(error)
    return new ContactError('CONNECT', `No channel could be opened: ${this.#reason}`, { cause: error })
  }

  /**
   * ssh2's own keepalive waits for the answers to its pings, which a slow line holds back behind megabytes of output; here
   * any byte is a sign of life, and the pings only provoke one. Counted in rounds of the timer, not by the clock: a server
   * that stood still itself hears what came meanwhile before the next round.
   */
  #watch(): () => void {
    const { keepaliveMs, keepaliveMisses } = this.options
    let silent = 0
    const hear = () => {
      silent = 0
    }
    this.#socket.on('data', hear)
    const timer = setInterval(() => {
      silent += 1
      if (silent <= keepaliveMisses) return
      this.#reason = `nothing was heard of the host for ${(silent * keepaliveMs) / 1_000} s`
      // What is still unsent may arrive when the network is back: a start of a fence, which happens once, or a question.
      this.#socket.destroy()
    }, keepaliveMs)
    return () => clearInterval(timer)
  }
}

/** Ends a channel that nobody waits for any more: what comes has to flow, else it never closes and keeps its place. */
function discard(stream: ClientChannel): void {
  stream.on('error', () => {}).resume()
  stream.stderr.on('error', () => {}).resume()
  stream.destroy()
}
