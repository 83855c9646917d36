import { createClient } from '@redis/client'
import type { Json } from '../domain/json.js'
import type { Logger } from '../platform/logger.js'
import { unlessAborted } from '../platform/within.js'
import {
  byKey,
  CACHE_LIMITS,
  type CacheFull,
  type CacheKey,
  type CacheRow,
  CacheUnavailableError,
  type CacheValueType,
  cacheKeyText,
  type NewCacheEntry,
  type RunCache,
} from './cache.js'
import { DELETE_SCRIPT, READ_SCRIPT, SET_SCRIPT } from './redis-scripts.js'

/** Redis has no runs that its entries could go with: a run's cache goes that long after it was written to last. */
const KEEP_MS = 30 * 86_400_000
const CONNECT_MS = 5_000
const LONGEST_PAUSE_MS = 2_000
/** A command that was on its way when the connection broke may never be answered. */
const ANSWER_MS = 5_000

type Client = ReturnType<typeof createClient>

/** The cache in Redis (6.2 or newer); whatever is compatible and runs scripts will do. */
export class RedisCache implements RunCache {
  private constructor(private readonly client: Client) {}

  /** Throws CacheUnavailableError when there is no Redis at that URL; one that goes later is waited for. */
  static async open(url: string, logger: Logger): Promise<RedisCache> {
    let isOpen = false
    const reconnectStrategy = (tries: number, cause: Error) =>
      isOpen ? Math.min(50 * 2 ** tries, LONGEST_PAUSE_MS) : new Error(cause.message, { cause })
    const client = createClient({
      url,
      // What is asked while it is away fails at once: whoever asks can decide to ask again.
      disableOfflineQueue: true,
      socket: { connectTimeout: CONNECT_MS, reconnectStrategy },
    })
    client.on('error', (error: Error) => {
      if (isOpen) logger.warn({ err: error }, 'The Redis that holds the cache of runs does not answer')
    })
    try {
      await client.connect()
    } catch (error) {
      throw new CacheUnavailableError({ cause: error })
    }
    isOpen = true
    return new RedisCache(client as Client)
  }

  async set(entry: NewCacheEntry, now: Date): Promise<CacheRow | CacheFull> {
    const { runId, key, type, text, expiresAt } = entry
    const expires = expiresAt === null ? '' : String(expiresAt.getTime())
    const limits = [CACHE_LIMITS.entries, CACHE_LIMITS.totalBytes, KEEP_MS].map(String)
    const values = [key, expires, type, String(Buffer.byteLength(text)), text, ...limits]
    const answer = String(await this.#run(SET_SCRIPT, runId, now, values))
    if (answer === 'ENTRIES' || answer === 'BYTES') return answer
    return rowOf(runId, key, answer, text)
  }

  async getMany(keys: readonly CacheKey[], now: Date): Promise<Map<string, CacheRow>> {
    const byRun = new Map<string, string[]>()
    for (const { runId, key } of keys) byRun.set(runId, [...(byRun.get(runId) ?? []), key])
    const runs = await Promise.all([...byRun].map(([runId, of]) => this.#read(READ_SCRIPT, runId, now, of)))
    return new Map(runs.flat().map((row) => [cacheKeyText(row), row]))
  }

  async list(runIds: readonly string[], now: Date): Promise<Map<string, CacheRow[]>> {
    const lists = await Promise.all(
      runIds.map(async (runId) => [runId, byKey(await this.#read(READ_SCRIPT, runId, now, []))] as const),
    )
    return new Map(lists.filter(([, rows]) => rows.length > 0))
  }

  async delete({ runId, key }: CacheKey, now: Date): Promise<CacheRow | null> {
    return (await this.#read(DELETE_SCRIPT, runId, now, [key]))[0] ?? null
  }

  /** Whatever is looked at goes when it has expired, and a run's whole cache goes by itself. */
  async removeExpired(): Promise<boolean> {
    return false
  }

  async close(): Promise<void> {
    this.client.destroy()
  }

  async #read(script: string, runId: string, now: Date, values: readonly string[]): Promise<CacheRow[]> {
    const words = (await this.#run(script, runId, now, values)) as string[]
    const rows: CacheRow[] = []
    for (let at = 0; at + 2 < words.length; at += 3) {
      rows.push(rowOf(runId, words[at] as string, words[at + 1] as string, words[at + 2] as string))
    }
    return rows
  }

  /** All of a run is in one slot of a cluster. */
  async #run(script: string, runId: string, now: Date, values: readonly string[]): Promise<unknown> {
    const keys = ['known', 'values'].map((part) => `dagbook:cache:{${runId}}:${part}`)
    try {
      const answer = this.client.eval(script, { keys, arguments: [String(now.getTime()), ...values] })
      return await unlessAborted(AbortSignal.timeout(ANSWER_MS), answer)
    } catch (error) {
      throw new CacheUnavailableError({ cause: error })
    }
  }
}

function rowOf(runId: string, key: string, known: string, text: string): CacheRow {
  const [expires = '', created, updated, type] = known.split('|')
  return {
    runId,
    key,
    type: type as CacheValueType,
    value: JSON.parse(text) as Json,
    expiresAt: expires === '' ? null : new Date(Number(expires)),
    createdAt: new Date(Number(created)),
    updatedAt: new Date(Number(updated)),
  }
}
