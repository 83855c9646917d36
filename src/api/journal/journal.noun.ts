import type { Noun } from '../noun.js'
import { JournalResolver } from './journal.resolver.js'

export const journalNoun: Noun = { resolvers: [JournalResolver], nodes: [] }
