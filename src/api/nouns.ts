import type { Noun } from './noun.js'
import { peopleNoun } from './people/people.noun.js'
import { projectNoun } from './project/project.noun.js'
import { serverNoun } from './server/server.noun.js'

/** Everything the API speaks of. */
export const NOUNS: readonly Noun[] = [peopleNoun, projectNoun, serverNoun]
