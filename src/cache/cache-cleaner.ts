import type { Clock } from '../platform/clock.js'
import type { Logger } from '../platform/logger.js'
import { Loop } from '../platform/loop.js'
import type { RunCache } from './cache.js'
import type { CacheCalls } from './cache-calls.js'

/** Removes entries that have expired and that nobody looks at any more, and what is remembered of calls after seven days. */
export class CacheCleaner extends Loop {
  override readonly name = 'cache cleaner'

  constructor(
    private readonly cache: RunCache,
    private readonly calls: CacheCalls,
    private readonly clock: Clock,
    logger: Logger,
  ) {
    super({ intervalMs: 60_000, logger })
  }

  override async runOnce(): Promise<boolean> {
    await this.calls.forgetOld()
    return this.cache.removeExpired(this.clock.now())
  }
}
