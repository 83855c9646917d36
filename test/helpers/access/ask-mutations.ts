import type { Need } from '../../../src/access/policy.js'
import { type Matrix, wrongFor } from './matrix.js'
import { type Field, fieldsOfRoot, mutationOf, type Operation } from './operations.js'
import {
  type Caller,
  managesUsers,
  OF_CREDENTIALS,
  OF_PROJECT,
  seesCredentials,
  type Verdict,
  verdictFor,
  verdictIn,
  verdictOf,
} from './rights.js'
import type { Scene } from './scene.js'

/** They change who asks, or end the session that asks. */
const OF_SESSIONS = new Set(['signIn', 'refreshSession', 'signOut'])

/** What callers find wrong who ask for each mutation, with the ids of their own project and of another. */
export function wrongMutations(
  m: Matrix,
  callers = m.callers,
  fields: readonly Field[] = fieldsOfRoot(m.schema, 'Mutation'),
): Promise<string[]> {
  return wrongFor(callers, async (caller) => {
    const wrong: string[] = []
    for (const field of fields.filter(({ name }) => !OF_SESSIONS.has(name))) {
      for (const scene of m.scenesFor(caller)) {
        const operation = mutationOf(field, scene)
        const { data, errors } = await m.ask(operation, caller)
        const found = verdictOf(errors, data?.[field.name])
        const wanted = wantedOf(m.needOf(`Mutation.${field.name}`), operation, caller, scene)
        if (found !== wanted) wrong.push(`${field.name} by ${caller.name} in ${scene.name}: ${found}, not ${wanted}`)
      }
    }
    return wrong
  })
}

function wantedOf(need: Need | null, { variables }: Operation, caller: Caller, scene: Scene): Verdict {
  const given = variables.input as object
  if (Object.keys(given).some((name) => OF_PROJECT.test(name))) return verdictIn(need, caller, scene)
  const wanted = verdictFor(need, caller)
  if (wanted !== 'allowed') return wanted
  if (Object.keys(given).some((name) => OF_CREDENTIALS.test(name)))
    return seesCredentials(caller, scene) ? wanted : 'hidden'
  // Another's password is for who manages users.
  const isOthers = 'newPassword' in given && caller.userId !== scene.ids.User
  return isOthers && !managesUsers(caller) ? 'FORBIDDEN' : wanted
}
