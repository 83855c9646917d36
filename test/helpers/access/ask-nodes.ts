import type { GraphQLInterfaceType, GraphQLObjectType } from 'graphql'
import { hasRows, type Matrix, wrongFor } from './matrix.js'
import { everythingOf } from './operations.js'
import { type Caller, READ, sees, seesCredentials, verdictFor, verdictOf } from './rights.js'
import type { Scene } from './scene.js'

/** What everyone may see, and what a person has; of the rest all is of projects, but for the audit log. */
const SEEN_BY_ALL = new Set(['Machine', 'Pool', 'Queue', 'Template', 'User'])
const CREDENTIALS = new Set(['Session', 'ApiToken'])

function seesNode(type: string, caller: Caller, scene: Scene): boolean {
  if (SEEN_BY_ALL.has(type)) return true
  if (CREDENTIALS.has(type)) return seesCredentials(caller, scene)
  return type === 'AuditEntry' || sees(caller, scene)
}

/** What callers find wrong who ask by node(id) for every field of everything that has an id. */
export function wrongNodes(m: Matrix, callers = m.callers): Promise<string[]> {
  const types = m.schema.getPossibleTypes(m.schema.getType('Node') as GraphQLInterfaceType)
  return wrongFor(callers, async (caller) => {
    const wrong: string[] = []
    for (const type of types as readonly GraphQLObjectType[]) {
      const fields = Object.values(type.getFields())
      const query = `query ($id: ID!) { node(id: $id) { ... on ${type.name} { ${everythingOf(fields)} } } }`
      // A type's own rule says more than that of node(id): what is not for the caller is refused before it is looked for.
      const rule = m.needOf(`${type.name}.id`)
      for (const scene of m.scenesFor(caller)) {
        const { data, errors } = await m.ask({ query, variables: { id: scene.ids[type.name] } }, caller)
        const refusals = errors.filter(({ extensions }) => extensions.code !== 'BAD_USER_INPUT')
        const reading = verdictFor(READ, caller)
        const wanted = reading === 'allowed' ? verdictFor(rule, caller) : reading
        const found = verdictOf(refusals, null)
        const isRight =
          found === wanted && (wanted !== 'allowed' || hasRows(data?.node) === seesNode(type.name, caller, scene))
        const leaked = type.name === 'AuditEntry' ? [] : m.leaks(data, caller)
        if (!isRight || leaked.length > 0)
          wrong.push(`${type.name} by ${caller.name} in ${scene.name}: ${found}, ${hasRows(data?.node)}, ${leaked}`)
      }
    }
    return wrong
  })
}
