import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import type { Lifecycle } from '../platform/lifecycle.js'
import type { Logger } from '../platform/logger.js'
import type { RunCache } from './cache.js'
import { CacheCalls } from './cache-calls.js'
import { CacheCleaner } from './cache-cleaner.js'
import { PostgresCache } from './postgres-cache.js'

export interface CacheSettings {
  /** Null: it is kept in the database. */
  readonly redisUrl: string | null
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
}

/** The cache of runs as it was asked for, cleaned from now on until the lifecycle ends it. Throws CacheUnavailableError. */
export async function openCache(
  lifecycle: Lifecycle,
  { redisUrl, database, clock, logger }: CacheSettings,
): Promise<{ readonly cache: RunCache; readonly cacheCalls: CacheCalls }> {
  const cache = await lifecycle.begin<RunCache>({
    name: 'cache of runs',
    start: async () => (redisUrl === null ? new PostgresCache(database) : openRedis(redisUrl, logger)),
    stop: (opened) => opened.close(),
  })
  const cacheCalls = new CacheCalls(database)
  await lifecycle.begin({
    name: 'cleaner of caches',
    start: (signal) => {
      const cleaner = new CacheCleaner(cache, cacheCalls, clock, logger)
      cleaner.start(signal)
      return cleaner
    },
    stop: (cleaner) => cleaner.stop(),
  })
  return { cache, cacheCalls }
}

/** Its client is a fifth of all files that a server loads: nobody pays for it who has no Redis. */
async function openRedis(url: string, logger: Logger): Promise<RunCache> {
  const { RedisCache } = await import('./redis-cache.js')
  return RedisCache.open(url, logger)
}
