import { ensureCapacity } from '../../../src/commands/ensure-capacity.js'
import { ADMIN_PASSWORD, openTestApi, type TestApi } from '../../helpers/api.js'

const VIEWER = '{ viewer { id username } }'
const SIGN_IN = `mutation ($i: SignInInput!) { signIn(input: $i) { accessToken refreshToken session { id expiresAt } } }`
const REFRESH = 'mutation ($i: RefreshSessionInput!) { refreshSession(input: $i) { accessToken refreshToken } }'
const REVOKE = `mutation ($i: RevokeSessionInput!) { revokeSession(input: $i) {
  session { id logoutAt } userErrors { code path } position } }`
const CREATE = `mutation ($i: CreateApiTokenInput!) { createApiToken(input: $i) {
  apiToken { id name scopes revokedAt } secret userErrors { code path } position } }`
const END = `mutation ($i: RevokeApiTokenInput!) { revokeApiToken(input: $i) {
  apiToken { id revokedAt } userErrors { code path } position } }`
const TRIGGER = 'mutation { triggerRun(input: {dagId: "dag_01m81tvsj7fz3bab8r185bqq7n"}) { userErrors { code } } }'
const FUTURE = '2999-01-01T00:00:00.000Z'
const DAY_MS = 86_400_000

let now = Date.now()
let it_: TestApi
let admin: string

beforeAll(async () => {
  it_ = await openTestApi({ clock: { now: () => new Date(now) } })
  admin = await it_.tokenOf('admin')
})
afterAll(() => it_.close())

const signIn = async (username: string) =>
  (await it_.ask(SIGN_IN, { variables: { i: { username, password: ADMIN_PASSWORD } } })).data.signIn
const codeOf = async (token: string, query = VIEWER) => (await it_.ask(query, { token })).errors[0]?.extensions.code
const createToken = (token: string, i: object) =>
  it_.ask(CREATE, { token, variables: { i: { name: 'ci', scopes: ['read'], expiresAt: FUTURE, ...i } } })

test('sessions are listed for their user and who manages users, and end when they are revoked', async () => {
  const { id, token } = await it_.makeUser('lister')
  const other = await signIn('lister')
  const list = `{ node(id: "${id}") { ... on User { sessions { totalCount nodes { id ipAddress userAgent logoutAt } } } } }`
  const seen = (await it_.ask(list, { token, headers: { 'user-agent': 'test' } })).data.node.sessions
  expect(seen).toMatchObject({ totalCount: 2, nodes: [{ id: other.session.id, ipAddress: '127.0.0.1' }, {}] })
  expect((await it_.ask(list, { token: admin })).data.node.sessions.totalCount).toBe(2)
  const { token: curious } = await it_.makeUser('nosy')
  expect((await it_.ask(list, { token: curious })).data.node.sessions).toEqual({ totalCount: 0, nodes: [] })

  const variables = { i: { sessionId: other.session.id } }
  const foreign = (await it_.ask(REVOKE, { token: curious, variables })).data.revokeSession
  expect(foreign).toMatchObject({ session: null, userErrors: [{ code: 'NOT_FOUND', path: ['sessionId'] }] })
  const revoked = (await it_.ask(REVOKE, { token, variables })).data.revokeSession
  expect(revoked).toMatchObject({ session: { id: other.session.id }, position: expect.any(String) })
  expect(revoked.session.logoutAt).not.toBeNull()
  expect(await codeOf(other.accessToken)).toBe('UNAUTHENTICATED')
  expect((await it_.ask(REVOKE, { token, variables })).data.revokeSession.position).toBeNull()
})

test('a session ends when it is not refreshed for 30 days, and after 90 days in any case', async () => {
  const began = now
  await it_.makeUser('sleeper')
  const idle = await signIn('sleeper')
  const busy = await signIn('sleeper')
  const refresh = async (refreshToken: string) =>
    (await it_.ask(REFRESH, { variables: { i: { refreshToken } } })).data.refreshSession
  let { refreshToken } = busy
  for (const days of [25, 50, 75]) {
    now = began + days * DAY_MS
    const renewed = await refresh(refreshToken)
    expect(renewed.accessToken).not.toBeNull()
    refreshToken = renewed.refreshToken
  }
  expect((await refresh(idle.refreshToken)).accessToken).toBeNull()
  now = began + 90 * DAY_MS - 1_000
  const last = await refresh(refreshToken)
  expect(await codeOf(last.accessToken)).toBeUndefined()
  now = began + 90 * DAY_MS
  expect(await codeOf(last.accessToken)).toBe('UNAUTHENTICATED')
  expect((await refresh(last.refreshToken)).accessToken).toBeNull()
  admin = await it_.tokenOf('admin')
})

test("a token is shown once, works in its user's name, and is kept as a hash only", async () => {
  const { id, token } = await it_.makeUser('robot')
  const key = { idempotencyKey: 'token-1' }
  const made = (await createToken(token, key)).data.createApiToken
  expect(made).toMatchObject({
    apiToken: { name: 'ci', scopes: ['read'] },
    userErrors: [],
    position: expect.any(String),
  })
  expect((await it_.ask(VIEWER, { token: made.secret })).data.viewer).toEqual({ id, username: 'robot' })
  const again = (await createToken(token, key)).data.createApiToken
  expect(again).toMatchObject({ apiToken: { id: made.apiToken.id }, secret: null })
  const kept = await it_.db.owner.query('SELECT t.*, e.data::text FROM api_token t, event e')
  expect(JSON.stringify(kept)).not.toContain(made.secret.slice('dagbook_'.length))
  const list = `{ node(id: "${id}") { ... on User { apiTokens { totalCount nodes { id lastUsedAt user { id } } } } } }`
  const { nodes, totalCount } = (await it_.ask(list, { token })).data.node.apiTokens
  expect([totalCount, nodes[0].id, nodes[0].user.id]).toEqual([1, made.apiToken.id, id])
  expect(nodes[0].lastUsedAt).toBe(new Date(now).toISOString())
  expect((await it_.ask(`{ node(id: "${made.apiToken.id}") { id } }`, { token: made.secret })).data.node).not.toBeNull()
})

test('when a token was used is written once a minute at most', async () => {
  const { token } = await it_.makeUser('minutely')
  const { secret, apiToken } = (await createToken(token, {})).data.createApiToken
  const used = async () =>
    (await it_.db.owner.query<{ at: Date }>(`SELECT last_used_at AS at FROM api_token WHERE id = '${apiToken.id}'`))[0]
      ?.at
  await it_.ask(VIEWER, { token: secret })
  const first = now
  now += 59_000
  await it_.ask(VIEWER, { token: secret })
  expect(await used()).toEqual(new Date(first))
  now += 1_000
  await it_.ask(VIEWER, { token: secret })
  expect(await used()).toEqual(new Date(now))
})

test('a token does what its scopes say, and never what needs a session', async () => {
  const scoped = async (...scopes: string[]) => (await createToken(admin, { scopes })).data.createApiToken.secret
  const [read, runs, users] = [await scoped('read'), await scoped('runs'), await scoped('users', 'read')]
  const query = '{ users { totalCount } }'
  expect([await codeOf(read, TRIGGER), await codeOf(runs, TRIGGER)]).toEqual(['FORBIDDEN', undefined])
  expect([await codeOf(read), await codeOf(runs)]).toEqual([undefined, 'FORBIDDEN'])
  expect([await codeOf(read, query), await codeOf(users, query)]).toEqual(['FORBIDDEN', undefined])
  const output = '/logs/instance_00000000000000000000000000/1/stdout'
  const download = async (secret: string) =>
    (await it_.api.app.inject({ url: output, headers: { authorization: `Bearer ${secret}` } })).statusCode
  expect([await download(read), await download(runs)]).toEqual([404, 403])
  for (const secret of [read, runs, users]) {
    const i = { name: 'more', scopes: ['users'], expiresAt: FUTURE }
    expect((await it_.ask(CREATE, { token: secret, variables: { i } })).errors[0]?.extensions.code).toBe('FORBIDDEN')
  }
})

test('what a token does is done by it, for its user', async () => {
  const { id, token } = await it_.makeUser('builder')
  const { secret, apiToken } = (await createToken(token, { scopes: ['read', 'projects'] })).data.createApiToken
  const create = 'mutation { createProject(input: {name: "by-token"}) { project { createdBy { id } } position } }'
  const { project, position } = (await it_.ask(create, { token: secret })).data.createProject
  expect(project.createdBy.id).toBe(id)
  const query = `{ node(id: "event_${position}") { ... on Event { actor { kind name user { id } } } } }`
  const { actor } = (await it_.ask(query, { token: admin })).data.node
  expect(actor).toEqual({ kind: 'API_TOKEN', name: 'builder', user: { id } })
  const rows = await it_.db.owner.query<{ actor: string }>(`SELECT actor FROM event WHERE position = ${position}`)
  expect(rows).toEqual([{ actor: apiToken.id }])
})

test('runs that a user started by a token are among those of the user', async () => {
  const { database, bus } = it_.services
  await ensureCapacity(database, bus, 'host')
  const { id, token } = await it_.makeUser('starter')
  const { secret } = (await createToken(token, { scopes: ['read', 'runs', 'dags'] })).data.createApiToken
  const create = 'mutation { createProject(input: {name: "started"}) { project { id } } }'
  const projectId = (await it_.ask(create, { token })).data.createProject.project.id
  const run = `mutation ($p: ID!) { runTask(input: {projectId: $p, name: "t", task: {noop: {}}}) {
    run { id } userErrors { message } } }`
  for (const by of [token, secret, admin]) {
    const { userErrors } = (await it_.ask(run, { token: by, variables: { p: projectId } })).data.runTask
    expect(userErrors).toEqual([])
  }
  const query = `query ($id: ID!) { runs(filter: {createdById: $id}) { totalCount nodes { createdBy { id } } } }`
  const { totalCount, nodes } = (await it_.ask(query, { token: admin, variables: { id } })).data.runs
  expect([totalCount, nodes]).toEqual([2, [{ createdBy: { id } }, { createdBy: { id } }]])
})

test('a token ends when it is revoked, at its time, and with its user', async () => {
  const { id, token } = await it_.makeUser('ending')
  const [revoked, short, kept] = [
    (await createToken(token, {})).data.createApiToken,
    (await createToken(token, { expiresAt: new Date(now + 3_600_000).toISOString() })).data.createApiToken,
    (await createToken(token, {})).data.createApiToken,
  ]
  const variables = { i: { apiTokenId: revoked.apiToken.id } }
  const { token: stranger } = await it_.makeUser('stranger')
  const foreign = (await it_.ask(END, { token: stranger, variables })).data.revokeApiToken
  expect(foreign.userErrors).toEqual([{ code: 'NOT_FOUND', path: ['apiTokenId'] }])
  expect((await it_.ask(END, { token, variables })).data.revokeApiToken.apiToken.revokedAt).not.toBeNull()
  expect(await codeOf(revoked.secret)).toBe('UNAUTHENTICATED')
  now += 3_600_000
  expect(await codeOf(short.secret)).toBe('UNAUTHENTICATED')
  expect(await codeOf(kept.secret)).toBeUndefined()
  admin = await it_.tokenOf('admin')
  const off = `mutation { updateUser(input: {userId: "${id}", isActive: false}) { user { isActive } } }`
  expect((await it_.ask(off, { token: admin })).data.updateUser.user.isActive).toBe(false)
  expect(await codeOf(kept.secret)).toBe('UNAUTHENTICATED')
})

test('everything wrong with a token is said at once', async () => {
  const i = { name: ' ', scopes: ['fly'], expiresAt: '2000-01-01T00:00:00.000Z' }
  const { userErrors } = (await createToken(admin, i)).data.createApiToken
  expect(userErrors.map(({ path }: { path: string[] }) => path[0])).toEqual(['name', 'scopes', 'expiresAt'])
})
