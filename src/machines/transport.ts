import type { Readable, Writable } from 'node:stream'

/** How an agent is reached: here a child process, over SSH an exec channel. Nothing else differs between machines. */
export interface Transport {
  /**
   * Runs a command line on the host, by whatever shell the login has: it holds no more than words in single quotes.
   * Rejects with MachineError (UNREACHABLE, DENIED ...) when it cannot.
   */
  open(command: string): Promise<Channel>

  /** Ends what all channels share; open channels end with it. */
  close(): Promise<void>
}

/** One command on the host: its stdin and stdout, until either side ends. */
export interface Channel {
  readonly input: Writable
  readonly output: Readable
  /** Resolves once, with why it ended; never rejects. */
  readonly closed: Promise<string>
  close(): void
}
