export const VALUE_TYPES = ['STRING', 'NUMBER', 'BOOLEAN', 'JSON', 'BINARY'] as const

/** An entry as it is printed by `--json`. */
export interface CacheEntry {
  readonly key: string
  readonly type: (typeof VALUE_TYPES)[number]
  readonly value: unknown
  readonly expiresAt: string | null
  readonly createdAt: string
  readonly updatedAt: string
}

/** What is to be kept. */
export interface NewEntry {
  readonly key: string
  readonly value: unknown
  readonly type?: string | undefined
  readonly expiresInSeconds?: number | undefined
}

/** The cache of one run, by the API or by a task's own token. Throws Failures. */
export interface RunCache {
  list(): Promise<readonly CacheEntry[]>
  /** null: there is no such entry. */
  get(key: string): Promise<CacheEntry | null>
  set(entry: NewEntry): Promise<CacheEntry>
  /** null: there was no such entry. */
  delete(key: string): Promise<CacheEntry | null>
}
