import type { Noun } from '../noun.js'
import { CacheEntryResolver, RunCacheResolver } from './cache.resolver.js'
import { CacheMutationResolver } from './cache-mutation.resolver.js'

export const cacheNoun: Noun = { resolvers: [RunCacheResolver, CacheEntryResolver, CacheMutationResolver], nodes: [] }
