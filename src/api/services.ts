import type { Access } from '../access/access.js'
import type { CommandBus } from '../commands/command-bus.js'
import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import type { Logger } from '../platform/logger.js'

/** What follows the journal, as far as every request needs it. */
export interface HeadSource {
  /** A position that the journal has reached, read at most `maxAgeMs` ago (0: now). */
  current(maxAgeMs: number): Promise<number>
  /** Whether the journal reaches that position within the time. */
  reached(position: number, timeoutMs: number): Promise<boolean>
}

/** What the API works with; made once by main.ts. */
export interface Services {
  readonly database: Database
  readonly bus: CommandBus
  readonly clock: Clock
  readonly logger: Logger
  readonly head: HeadSource
  readonly access: Access
  /** Of this program, as /version and `server` show it. */
  readonly version: string
  /** Origins of web pages that may open a WebSocket, besides the server's own: `https://dagbook.example`. */
  readonly allowedOrigins: readonly string[]
}
