import { NotFoundFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'
import { change } from '../graphql/change.js'
import { runNotFound } from '../runs/run.js'
import type { CacheEntry, NewEntry, RunCache } from './run-cache.js'

const ENTRY_FIELDS = /* GraphQL */ `
  fragment EntryFields on CacheEntry { key type value expiresAt createdAt updatedAt }
`

const LIST = /* GraphQL */ `
  query CacheEntries($id: ID!) { run(id: $id) { cache { ...EntryFields } } }
  ${ENTRY_FIELDS}
`

const GET = /* GraphQL */ `
  query CacheEntry($id: ID!, $key: String!) { run(id: $id) { cacheEntry(key: $key) { ...EntryFields } } }
  ${ENTRY_FIELDS}
`

const SET = /* GraphQL */ `
  mutation SetCacheEntry($input: SetCacheEntryInput!) {
    setCacheEntry(input: $input) { cacheEntry { ...EntryFields } userErrors { message code path } }
  }
  ${ENTRY_FIELDS}
`

const DELETE = /* GraphQL */ `
  mutation DeleteCacheEntry($input: DeleteCacheEntryInput!) {
    deleteCacheEntry(input: $input) { cacheEntry { ...EntryFields } userErrors { message code path } }
  }
  ${ENTRY_FIELDS}
`

/** A run's cache for who is signed in. */
export class ApiCache implements RunCache {
  constructor(
    private readonly api: Api,
    private readonly runId: string,
  ) {}

  async list(): Promise<readonly CacheEntry[]> {
    const { data } = await this.api.query<{ run: { cache: CacheEntry[] } | null }>(LIST, { id: this.runId })
    if (data.run === null) throw runNotFound(this.runId)
    return data.run.cache
  }

  async get(key: string): Promise<CacheEntry | null> {
    const variables = { id: this.runId, key }
    const { data } = await this.api.query<{ run: { cacheEntry: CacheEntry | null } | null }>(GET, variables)
    if (data.run === null) throw runNotFound(this.runId)
    return data.run.cacheEntry
  }

  async set({ key, value, type, expiresInSeconds }: NewEntry): Promise<CacheEntry> {
    const input = { runId: this.runId, key, value, type, expiresInSeconds }
    const next = `dagbook cache list --run ${this.runId}`
    return (await change<{ readonly cacheEntry: CacheEntry }>(this.api, SET, input, next, 'dagbook run list'))
      .cacheEntry
  }

  async delete(key: string): Promise<CacheEntry | null> {
    const input = { runId: this.runId, key }
    try {
      const next = `dagbook cache list --run ${this.runId}`
      return (await change<{ readonly cacheEntry: CacheEntry | null }>(this.api, DELETE, input, next)).cacheEntry
    } catch (error) {
      // The run was found before.
      if (error instanceof NotFoundFailure) return null
      throw error
    }
  }
}
