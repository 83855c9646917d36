import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { CacheUnavailableError } from '../../src/cache/cache.js'
import { RedisCache } from '../../src/cache/redis-cache.js'
import { silentLogger } from '../../src/platform/logger.js'
import { compileSources } from '../helpers/compile.js'
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

/**
 * Outside of jest, whose modules see other classes of errors than Node's sockets throw: the client does not connect again
 * there. Every line asks once; the answer is what came of it.
 */
const PROGRAM = `
  import { createInterface } from 'node:readline'
  import { RedisCache } from './src/cache/redis-cache.js'
  const cache = await RedisCache.open(process.argv[2], { warn() {} })
  console.log('open')
  for await (const _ of createInterface({ input: process.stdin })) {
    const entry = { runId: 'run_1', key: 'k', type: 'JSON', text: '1', expiresAt: null }
    console.log(await cache.set(entry, new Date()).then((row) => 'kept ' + row.value, (error) => error.code))
  }
  await cache.close()`

it('says that it does not answer while Redis is away, and works again when it is back', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'dagbook-compiled-'))
  await compileSources(dir)
  await writeFile(path.join(dir, 'ask.js'), PROGRAM)
  const child = spawn(process.execPath, [path.join(dir, 'ask.js'), redis.url], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => (await lines.next()).value as string
  const ask = () => {
    child.stdin.write('ask\n')
    return next()
  }
  try {
    expect(await next()).toBe('open')
    expect(await ask()).toBe('kept 1')
    await redis.stop()
    expect([await ask(), await ask()]).toEqual(['CACHE_UNAVAILABLE', 'CACHE_UNAVAILABLE'])
    await redis.start()
    await until('Redis again', async () => (await ask()) === 'kept 1')
  } finally {
    child.stdin.end()
    await once(child, 'close')
    await rm(dir, { recursive: true })
  }
})

it('is not opened where there is no Redis', async () => {
  await redis.stop()
  await expect(RedisCache.open(redis.url, silentLogger)).rejects.toThrow(CacheUnavailableError)
  await redis.start()
})
