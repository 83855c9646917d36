import type { Json } from '../domain/json.js'

/** What kind of value an entry has; BINARY is base64 text. */
export type CacheValueType = 'STRING' | 'NUMBER' | 'BOOLEAN' | 'JSON' | 'BINARY'

/** What may be kept for one run. */
export const CACHE_LIMITS = {
  keyLength: 200,
  /** Of one value as JSON. */
  valueBytes: 1_048_576,
  entries: 1_000,
  /** Of all values of one run. */
  totalBytes: 16 * 1_048_576,
} as const

/** An entry of a run's cache. */
export interface CacheRow {
  readonly runId: string
  readonly key: string
  readonly type: CacheValueType
  readonly value: Json
  readonly expiresAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** An entry as it is to be kept; `text` is the value as JSON. */
export interface NewCacheEntry {
  readonly runId: string
  readonly key: string
  readonly type: CacheValueType
  readonly text: string
  readonly expiresAt: Date | null
}

export interface CacheKey {
  readonly runId: string
  readonly key: string
}

/** Why an entry was not kept: the run has as many, or as many bytes, as it may have. */
export type CacheFull = 'ENTRIES' | 'BYTES'

/**
 * What tasks of one run leave for each other while it goes on. Entries that have expired are never answered and count for
 * nothing; `now` is the caller's clock. Not a part of the history. Implementations throw CacheUnavailableError when what
 * they keep it in does not answer.
 */
export interface RunCache {
  /** Keeps the value under its key in place of what was there. */
  set(entry: NewCacheEntry, now: Date): Promise<CacheRow | CacheFull>
  /** By `run/key`; what is not there is left out. */
  getMany(keys: readonly CacheKey[], now: Date): Promise<Map<string, CacheRow>>
  /** By run, ordered by key. */
  list(runIds: readonly string[], now: Date): Promise<Map<string, CacheRow[]>>
  /** The entry as it was; null when there was none. */
  delete(key: CacheKey, now: Date): Promise<CacheRow | null>
  /** Removes what has expired, wherever it is cheap to find. Answers whether there is more. */
  removeExpired(now: Date): Promise<boolean>
  close(): Promise<void>
}

/** What the cache is kept in does not answer. */
export class CacheUnavailableError extends Error {
  override readonly name = 'CacheUnavailableError'
  readonly code = 'CACHE_UNAVAILABLE'
  constructor(options: ErrorOptions) {
    super('The cache of runs does not answer; try again', options)
  }
}

/** The name of an entry among those of all runs. */
export function cacheKeyText({ runId, key }: CacheKey): string {
  return `${runId}/${key}`
}

/** In the order of their characters' numbers, whatever keeps them. */
export function byKey(rows: readonly CacheRow[]): CacheRow[] {
  return [...rows].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}
