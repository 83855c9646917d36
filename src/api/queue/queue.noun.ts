import type { Noun } from '../noun.js'
import { QueueMutationResolver } from './queue-mutation.resolver.js'

/** Changes of queues; they are read with the rest of the capacity. */
export const queueNoun: Noun = { resolvers: [QueueMutationResolver], nodes: [] }
