import type { Noun } from '../noun.js'
import { PoolMutationResolver } from './pool-mutation.resolver.js'

/** Changes of pools; they are read with the rest of the capacity. */
export const poolNoun: Noun = { resolvers: [PoolMutationResolver], nodes: [] }
