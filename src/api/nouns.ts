import type { Noun } from './noun.js'

/** Everything the API speaks of. */
export const NOUNS: readonly Noun[] = []
