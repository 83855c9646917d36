import { openTestApi, type TestApi } from '../../helpers/api.js'
import { Line } from '../../helpers/socket-line.js'

/** Two servers on one database: what is changed at the first ends what is open at the second. */
let one: TestApi
let two: TestApi
let url: string
let admin: string

beforeAll(async () => {
  one = await openTestApi()
  two = await openTestApi({ beside: one })
  url = `${(await two.api.listen('127.0.0.1', 0)).replace('http', 'ws')}/graphql`
  admin = await one.tokenOf('admin')
})
afterAll(async () => {
  await two.close()
  await one.close()
})

const SUBSCRIBE = { type: 'subscribe', id: 's', payload: { query: 'subscription { headMoved }' } }

/** A subscription at the second server that has begun. */
async function following(token: string): Promise<Line> {
  const line = await Line.signedIn(url, token)
  line.send(SUBSCRIBE)
  expect(await line.next()).toMatchObject({ type: 'next', id: 's' })
  return line
}

/** That it ends with 4403, and is then gone from the second server's books. */
async function endsForGood(line: Line, reason: string): Promise<void> {
  expect([await line.closed, line.reason]).toEqual([4403, reason])
}

const ENDED = 'The session or token has ended'
const LOST = 'The rights of the viewer have changed'

test('a revoked session', async () => {
  const { token } = await one.makeUser('revoked')
  const line = await following(token)
  const sessions = '{ viewer { sessions { nodes { id } } } }'
  const [{ id }] = (await one.ask(sessions, { token })).data.viewer.sessions.nodes
  await one.ask(`mutation { revokeSession(input: {sessionId: "${id}"}) { position } }`, { token: admin })
  await endsForGood(line, ENDED)
})

test('a session that was signed out, which is no event', async () => {
  const { token } = await one.makeUser('signed-out')
  const line = await following(token)
  await one.ask('mutation { signOut(input: {}) { position } }', { token })
  await endsForGood(line, ENDED)
})

test('a revoked token of a program', async () => {
  const { token } = await one.makeUser('program')
  const create = `mutation { createApiToken(input: {name: "t", scopes: ["read"], expiresAt: "2999-01-01T00:00:00Z"}) {
    secret apiToken { id } } }`
  const { secret, apiToken } = (await one.ask(create, { token })).data.createApiToken
  const line = await following(secret)
  await one.ask(`mutation { revokeApiToken(input: {apiTokenId: "${apiToken.id}"}) { position } }`, { token })
  await endsForGood(line, ENDED)
})

test('a changed password, a deactivated user, an erased one', async () => {
  const change: [name: string, mutation: (id: string) => string][] = [
    ['reset', (id) => `changePassword(input: {userId: "${id}", newPassword: "a new good password"}) { position }`],
    ['off', (id) => `updateUser(input: {userId: "${id}", isActive: false}) { position }`],
    ['gone', (id) => `eraseUser(input: {userId: "${id}", reason: "Request 1"}) { position }`],
  ]
  for (const [name, mutation] of change) {
    const { id, token } = await one.makeUser(name)
    const line = await following(token)
    await one.ask(`mutation { ${mutation(id)} }`, { token: admin })
    await endsForGood(line, ENDED)
  }
})

test('a role, a permission, and a role in a project that was taken', async () => {
  const create = 'mutation { createProject(input: {name: "left"}) { project { id } } }'
  const projectId = (await one.ask(create, { token: admin })).data.createProject.project.id
  const grant = (id: string) =>
    `grantProjectRole(input: {projectId: "${projectId}", userId: "${id}", role: EDITOR}) { position }`
  const changes: [name: string, before: string, after: (id: string) => string][] = [
    ['was-admin', 'role: ADMIN', (id) => `updateUser(input: {userId: "${id}", role: USER}) { position }`],
    [
      'had-queues',
      'permissions: ["queues"]',
      (id) => `updateUser(input: {userId: "${id}", permissions: []}) { position }`,
    ],
    ['was-member', '', (id) => `revokeProjectRole(input: {projectId: "${projectId}", userId: "${id}"}) { position }`],
  ]
  for (const [name, before, after] of changes) {
    const { id } = await one.makeUser(name)
    await one.ask(`mutation { updateUser(input: {userId: "${id}", ${before}}) { position } ${grant(id)} }`, {
      token: admin,
    })
    const line = await following(await one.tokenOf(name))
    await one.ask(`mutation { ${after(id)} }`, { token: admin })
    await endsForGood(line, LOST)
  }
})

test('what is gained holds at once, and nothing ends', async () => {
  const { id, token } = await one.makeUser('gains')
  const line = await following(token)
  await one.ask(`mutation { updateUser(input: {userId: "${id}", permissions: ["users"]}) { position } }`, {
    token: admin,
  })
  expect((await two.ask('{ users { totalCount } }', { token })).errors).toEqual([])
  await line.close()
})

test('failures to sign in at one server are counted by the other', async () => {
  await one.makeUser('counted')
  const signIn = (at: TestApi) =>
    at.ask('mutation { signIn(input: {username: "counted", password: "a guess"}) { position } }')
  for (let n = 0; n < 6; n += 1) await signIn(one)
  expect((await signIn(two)).errors[0]?.extensions.code).toBe('RATE_LIMITED')
})

test('requests at the other server are refused at once', async () => {
  const { id, token } = await one.makeUser('elsewhere')
  expect((await two.ask('{ viewer { username } }', { token })).errors).toEqual([])
  await one.ask(`mutation { updateUser(input: {userId: "${id}", isActive: false}) { position } }`, { token: admin })
  expect((await two.ask('{ viewer { username } }', { token })).errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
})
