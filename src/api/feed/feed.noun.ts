import type { Noun } from '../noun.js'
import { FeedResolver } from './feed.resolver.js'

export const feedNoun: Noun = { resolvers: [FeedResolver], nodes: [] }
