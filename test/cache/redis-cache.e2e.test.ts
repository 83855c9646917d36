import { CacheUnavailableError } from '../../src/cache/cache.js'
import { RedisCache } from '../../src/cache/redis-cache.js'
import { newId } from '../../src/platform/ids.js'
import { silentLogger } from '../../src/platform/logger.js'
import { type Redis, startRedis } from '../helpers/redis.js'
import { until } from '../helpers/until.js'
import { cacheContract } from './cache-contract.js'

let redis: Redis
let cache: RedisCache
beforeAll(async () => {
  redis = await startRedis()
  cache = await RedisCache.open(redis.url, silentLogger)
}, 120_000)
afterAll(async () => {
  await cache.close()
  await redis.remove()
})

describe('the cache in Redis', () => cacheContract(() => cache))

const entry = () => ({ runId: newId('run'), key: 'k', type: 'JSON' as const, text: '1', expiresAt: null })

it('says that it does not answer while Redis is away, and works again when it is back', async () => {
  await redis.stop()
  await expect(cache.set(entry(), new Date())).rejects.toThrow(CacheUnavailableError)
  await redis.start()
  const row = await until('Redis again', () => cache.set(entry(), new Date()).catch(() => null))
  expect(row).toMatchObject({ value: 1 })
})

it('is not opened where there is no Redis', async () => {
  await redis.stop()
  await expect(RedisCache.open(redis.url, silentLogger)).rejects.toThrow(CacheUnavailableError)
  await redis.start()
})
