import type { Noun } from '../noun.js'
import { CacheEntryResolver, RunCacheResolver } from './cache.resolver.js'
import { CacheMutationResolver } from './cache-mutation.resolver.js'
import { registerTaskCacheRoutes } from './task-cache-routes.js'

export const cacheNoun: Noun = {
  resolvers: [RunCacheResolver, CacheEntryResolver, CacheMutationResolver],
  nodes: [],
  routes: registerTaskCacheRoutes,
}
