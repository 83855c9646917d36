import type { Readable, Writable } from 'node:stream'

/** How an agent is reached: here a child process, over SSH an exec channel. Nothing else differs between machines. */
export interface Transport {
  /**
   * Runs a program on the host, by whatever shell the login has: `command` holds no more than plain words and words in
   * single quotes. Rejects with ContactError when it cannot.
   */
  open(command: string): Promise<Channel>

  /** Ends every channel that it opened, and opens no more. */
  close(): Promise<void>
}

/** One program on the host: its stdin and stdout, until either side ends. */
export interface Channel {
  readonly input: Writable
  readonly output: Readable
  /** Resolves once; never rejects. */
  readonly closed: Promise<Ending>
  close(): void
}

/** How a channel ended. */
export interface Ending {
  /** In words. */
  readonly reason: string
  /** The program's; null: a signal ended it, or contact was lost and it may still run. */
  readonly exitCode: number | null
  /** The end of what it wrote to stderr. */
  readonly complaint: string
}
