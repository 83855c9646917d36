import type { GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema } from 'graphql'
import { fieldsOf } from '../../src/api/access-walk.js'
import { buildApiSchema } from '../../src/api/schema.js'
import { ensureCapacity } from '../../src/commands/ensure-capacity.js'
import { PROJECT_ROLES } from '../../src/domain/project/project.js'
import { PERMISSIONS } from '../../src/domain/user/user.js'
import {
  type Caller,
  everythingOf,
  expected,
  operationOf,
  type Scene,
  sceneOf,
  verdictOf,
} from '../helpers/access-matrix.js'
import { openTestApi, type TestApi } from '../helpers/api.js'
import { Line } from '../helpers/socket-line.js'

/**
 * Every field that the schema has, asked for by every kind of caller, in a project of theirs and in one that is not, through
 * the API itself. What each may is derived from the rule on the field and the policy; that no field is without a rule is
 * access-walk's to see.
 */
let it_: TestApi
let url: string
let schema: GraphQLSchema
let own: Scene
let other: Scene
let callers: Caller[]

beforeAll(async () => {
  it_ = await openTestApi()
  await ensureCapacity(it_.services.database, it_.services.bus, 'host of the tests')
  url = `${(await it_.api.listen('127.0.0.1', 0)).replace('http', 'ws')}/graphql`
  schema = await buildApiSchema()
  const admin = await it_.tokenOf('admin')
  const stranger = await it_.makeUser('stranger')
  own = await sceneOf(it_, 'own', admin, stranger.id)
  other = await sceneOf(it_, 'other', admin, stranger.id)
  const none = { role: null, permission: null, isAdmin: false }
  callers = [
    { ...none, name: 'anonymous', token: undefined },
    { ...none, name: 'stranger', token: stranger.token },
  ]
  for (const role of PROJECT_ROLES) {
    const { id, token } = await it_.makeUser(role.toLowerCase())
    await it_.ask(
      `mutation { grantProjectRole(input: {projectId: "${own.projectId}", userId: "${id}", role: ${role}}) { position } }`,
      { token: admin },
    )
    callers.push({ ...none, name: role, token, role })
  }
  for (const permission of PERMISSIONS) {
    const { token } = await it_.makeUser(`may-${permission}`, { permissions: [permission] })
    callers.push({ ...none, name: permission, token, permission })
  }
  callers.push({ ...none, name: 'ADMIN', token: admin, isAdmin: true })
})
afterAll(() => it_.close())

/** They change who asks, or end the session that asks. */
const OF_SESSIONS = new Set(['signIn', 'refreshSession', 'signOut'])

test('every mutation, by every caller, in their own project and in another', async () => {
  const wrong: string[] = []
  const fields = Object.values(schema.getMutationType()?.getFields() ?? {}).filter(({ name }) => !OF_SESSIONS.has(name))
  const rules = new Map(fieldsOf(schema).map(({ name, rule }) => [name, rule]))
  for (const field of fields) {
    for (const caller of callers) {
      for (const [scene, isOwn] of [
        [own, true],
        [other, false],
      ] as const) {
        const { query, variables, concerns } = operationOf('mutation', field, scene, schema)
        const { data, errors } = await it_.ask(query, {
          variables,
          ...(caller.token === undefined ? {} : { token: caller.token }),
        })
        const found = verdictOf(errors, data?.[field.name])
        const wanted = expected(rules.get(`Mutation.${field.name}`) ?? 'none', caller, isOwn, concerns)
        // One who is refused another's password is refused the mutation: that is for who manages users.
        const isOthers =
          field.name === 'changePassword' && wanted === 'allowed' && !caller.isAdmin && caller.permission !== 'users'
        const right = isOthers && caller.name !== 'stranger' ? 'FORBIDDEN' : wanted
        // Who may do it is told that a thing of no project is not there.
        const isRight = found === right || (right === 'allowed' && found === 'hidden' && !concerns)
        if (!isRight) wrong.push(`${field.name} by ${caller.name} in ${scene.projectName}: ${found}, not ${right}`)
      }
    }
  }
  expect(wrong).toEqual([])
})

test('every query, by every caller', async () => {
  const wrong: string[] = []
  const rules = new Map(fieldsOf(schema).map(({ name, rule }) => [name, rule]))
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    for (const caller of callers) {
      const { query, variables } = operationOf('query', field, other, schema)
      const { data, errors } = await it_.ask(query, {
        variables,
        ...(caller.token === undefined ? {} : { token: caller.token }),
      })
      const found = verdictOf(errors, data?.[field.name])
      const wanted = expected(rules.get(`Query.${field.name}`) ?? 'none', caller, false, false)
      if (found !== wanted && !(wanted === 'allowed' && found === 'hidden')) {
        wrong.push(`${field.name} by ${caller.name}: ${found}, not ${wanted}`)
      }
    }
  }
  expect(wrong).toEqual([])
})

/** Not of one project; or told by what they are of: a backfill by its DAG's runs, a breach by its SLA. */
const ELSEWHERE = new Set([
  ...['Machine', 'Pool', 'Queue', 'Template', 'User', 'Session', 'ApiToken', 'AuditEntry'],
  ...['Backfill', 'SlaBreach'],
])

test('every type with an id is looked at here, or said not to be', () => {
  const types = schema.getPossibleTypes(schema.getType('Node') as GraphQLInterfaceType).map(({ name }) => name)
  expect(types.filter((name) => !ELSEWHERE.has(name)).toSorted()).toEqual(Object.keys(own.nodes).toSorted())
})

test('node(id): every field of what is theirs, and nothing of what is not', async () => {
  const wrong: string[] = []
  for (const typeName of Object.keys(own.nodes)) {
    const query = `query ($id: ID!) { node(id: $id) { ... on ${typeName} { ${everythingOf(schema.getType(typeName) as GraphQLObjectType)} } } }`
    for (const caller of callers.filter(({ token }) => token !== undefined)) {
      for (const [scene, isOwn] of [
        [own, true],
        [other, false],
      ] as const) {
        const variables = { id: scene.nodes[typeName] }
        const { data, errors } = await it_.ask(query, { variables, token: caller.token as string })
        const isSeen = data?.node !== null && data?.node !== undefined
        const mayIt = caller.isAdmin || (isOwn && caller.role !== null)
        const denials = errors.filter(({ extensions }) => extensions.code !== 'BAD_USER_INPUT')
        if (isSeen !== mayIt || denials.length > 0)
          wrong.push(`${typeName} of ${scene.projectName} by ${caller.name}: ${isSeen} ${JSON.stringify(errors)}`)
      }
    }
  }
  expect(wrong).toEqual([])
})

test('lists hold and count what may be seen, no more', async () => {
  const lists =
    '{ projects { totalCount nodes { id } } dags { totalCount nodes { project { id } } } runs { totalCount nodes { project { id } } } events(first: 1000) { totalCount nodes { project { id } } } }'
  for (const caller of callers.filter(({ token }) => token !== undefined)) {
    const { data } = await it_.ask(lists, { token: caller.token as string })
    const ids = [
      ...data.projects.nodes.map(({ id }: { id: string }) => id),
      ...['dags', 'runs', 'events'].flatMap((list) =>
        data[list].nodes.map((node: { project: { id: string } | null }) => node.project?.id ?? null),
      ),
    ]
    const seen = caller.isAdmin ? [own.projectId, other.projectId, null] : caller.role === null ? [] : [own.projectId]
    expect([caller.name, [...new Set(ids)].sort()]).toEqual([caller.name, [...seen].sort()])
    const projects = caller.isAdmin ? 2 : seen.length
    expect([data.projects.totalCount, data.dags.totalCount, data.runs.totalCount]).toEqual([
      projects,
      projects,
      projects,
    ])
    expect(data.events.totalCount).toBe(data.events.nodes.length)
  }
})

test('every subscription: what is not theirs is not there, and events of others never come', async () => {
  const fields = Object.values(schema.getSubscriptionType()?.getFields() ?? {})
  for (const caller of callers.filter(({ token, permission }) => token !== undefined && permission === null)) {
    const line = await Line.signedIn(url, caller.token as string)
    for (const field of fields.filter(({ args }) =>
      args.some(({ name }) => name === 'runId' || name === 'instanceId'),
    )) {
      for (const [scene, isOwn] of [
        [own, true],
        [other, false],
      ] as const) {
        const mayIt = caller.isAdmin || (isOwn && caller.role !== null)
        const found = await firstAnswer(line, field, scene, mayIt)
        expect([field.name, caller.name, isOwn, found]).toEqual([
          field.name,
          caller.name,
          isOwn,
          mayIt ? 'next' : 'NOT_FOUND',
        ])
      }
    }
    line.send({
      type: 'subscribe',
      id: 'all',
      payload: { query: 'subscription { events(after: "0") { project { id } } }' },
    })
    line.send({ type: 'subscribe', id: 'barrier', payload: { query: 'subscription { headMoved }' } })
    for (let beats = 0; beats < 2; ) {
      const { id, payload } = await line.next()
      if (id === 'barrier') beats += 1
      if (id !== 'all' || caller.isAdmin) continue
      expect(caller.role).not.toBeNull()
      expect(payload.data.events.project.id).toBe(own.projectId)
    }
    await line.close()
  }
})

/** What a subscription to that scene answers first: `next`, or the code of its refusal. */
async function firstAnswer(
  line: Line,
  field: GraphQLField<unknown, unknown>,
  scene: Scene,
  mayIt: boolean,
): Promise<string> {
  const args = field.args.filter(({ name }) => name === 'runId' || name === 'instanceId')
  const passed = args.map(({ name }) => `${name}: "${scene[name as 'runId']}"`).join(', ')
  const after = field.args.some(({ name }) => name === 'after') ? ', after: "0"' : ''
  const id = `${field.name}:${scene.projectName}`
  const query = `subscription { ${field.name}(${passed}${after}) { __typename } }`
  line.send({ type: 'subscribe', id, payload: { query } })
  // An attempt that has not begun has no output yet: that it is not refused is all there is to see.
  if (mayIt && field.name === 'instanceLog') {
    line.send({ type: 'complete', id })
    return 'next'
  }
  for (;;) {
    const answer = await line.next()
    if (answer.id !== id) continue
    line.send({ type: 'complete', id })
    const errors = answer.payload?.errors ?? (answer.type === 'error' ? answer.payload : [])
    return errors?.[0]?.extensions.code ?? answer.type
  }
}
