import type { Access } from '../access/access.js'
import type { TaskTokens } from '../access/task-token.js'
import type { RunCache } from '../cache/cache.js'
import type { CacheCalls } from '../cache/cache-calls.js'
import type { CommandBus } from '../commands/command-bus.js'
import type { Plans } from '../commands/plans.js'
import type { Tail } from '../history/tail.js'
import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import type { Encryption } from '../platform/encryption.js'
import type { Hints } from '../platform/hints.js'
import type { Logger } from '../platform/logger.js'

/** What the API works with; made once by main.ts. */
export interface Services {
  readonly database: Database
  readonly bus: CommandBus
  readonly clock: Clock
  readonly logger: Logger
  /** What subscriptions follow. */
  readonly tail: Tail
  /** Shared with the command bus. */
  readonly plans: Plans
  /** Told by a dispatcher in this process whose output has grown. */
  readonly outputHints: Hints
  readonly access: Access
  /** Of tasks, for their run's cache. */
  readonly taskTokens: TaskTokens
  readonly cache: RunCache
  readonly cacheCalls: CacheCalls
  /** Of keys at rest. */
  readonly encryption: Encryption
  /** Of this program, as /version and `server` show it. */
  readonly version: string
  /** Origins of web pages that may open a WebSocket, besides the server's own: `https://dagbook.example`. */
  readonly allowedOrigins: readonly string[]
  /** Addresses and blocks of proxies: their x-forwarded-for says from where a request comes. */
  readonly trustProxy: readonly string[]
}
