import type { Noun } from '../noun.js'
import { ServerResolver } from './server.resolver.js'

export const serverNoun: Noun = { resolvers: [ServerResolver], nodes: [] }
