import type { Noun } from './noun.js'
import { serverNoun } from './server/server.noun.js'

/** Everything the API speaks of. */
export const NOUNS: readonly Noun[] = [serverNoun]
