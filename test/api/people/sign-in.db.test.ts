import { ADMIN_PASSWORD, openTestApi, type TestApi } from '../../helpers/api.js'

const SIGN_IN = `mutation ($i: SignInInput!) { signIn(input: $i) {
  accessToken refreshToken expiresAt position userErrors { message code path }
  session { id user { username } } user { id username role email }
} }`
const REFRESH = `mutation ($i: RefreshSessionInput!) { refreshSession(input: $i) {
  accessToken refreshToken userErrors { code } user { username }
} }`
const VIEWER = '{ viewer { username } }'

let it_: TestApi

beforeAll(async () => {
  it_ = await openTestApi()
})
afterAll(() => it_.close())

const signIn = (username: string, password: string) => it_.ask(SIGN_IN, { variables: { i: { username, password } } })
const refresh = (refreshToken: string) => it_.ask(REFRESH, { variables: { i: { refreshToken } } })

test('the right password begins a session, and its token tells who asks', async () => {
  const { data } = await signIn('ADMIN', ADMIN_PASSWORD)
  expect(data.signIn).toMatchObject({ userErrors: [], user: { username: 'admin', role: 'ADMIN', email: null } })
  expect(data.signIn.session.user.username).toBe('admin')
  const answer = await it_.ask(VIEWER, { token: data.signIn.accessToken })
  expect(answer.data.viewer).toEqual({ username: 'admin' })
  expect(answer.extensions.position).toMatch(/^[1-9]/)
})

test('an unknown user and a wrong password are refused with the same words', async () => {
  const [wrong, unknown] = [await signIn('admin', 'not the password'), await signIn('nobody', 'not the password')]
  expect(wrong.data).toEqual(unknown.data)
  expect(wrong.data.signIn.userErrors).toEqual([
    { message: 'The username or the password is wrong', code: 'INVALID', path: [] },
  ])
  expect(wrong.status).toBe(unknown.status)
})

test('an unknown user costs a hash as a known one does', async () => {
  const time = async (username: string) => {
    const start = performance.now()
    await signIn(username, 'not the password')
    return performance.now() - start
  }
  await it_.makeUser('timed')
  const known = [await time('timed'), await time('timed'), await time('timed')]
  const unknown = [await time('untimed'), await time('untimed'), await time('untimed')]
  const ratio = Math.min(...known) / Math.min(...unknown)
  expect(ratio).toBeGreaterThan(0.5)
  expect(ratio).toBeLessThan(2)
})

test('a refresh token works once; its second use ends the session', async () => {
  const { data } = await signIn('admin', ADMIN_PASSWORD)
  const first = data.signIn.refreshToken
  const renewed = await refresh(first)
  expect(renewed.data.refreshSession).toMatchObject({ userErrors: [], user: { username: 'admin' } })
  const { accessToken, refreshToken } = renewed.data.refreshSession
  expect((await it_.ask(VIEWER, { token: accessToken })).data.viewer.username).toBe('admin')

  const reused = await refresh(first)
  expect(reused.data.refreshSession).toMatchObject({ accessToken: null, userErrors: [{ code: 'INVALID' }] })
  const refused = await it_.ask(VIEWER, { token: accessToken })
  expect(refused.errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
  expect((await refresh(refreshToken)).data.refreshSession.accessToken).toBeNull()
})

test('of two uses of a refresh token at once, at most one gets a token', async () => {
  const { data } = await signIn('admin', ADMIN_PASSWORD)
  const both = await Promise.all([refresh(data.signIn.refreshToken), refresh(data.signIn.refreshToken)])
  const given = both.filter(({ data: { refreshSession } }) => refreshSession.accessToken !== null)
  expect(given).toHaveLength(1)
})

test('only hashes of refresh tokens are stored', async () => {
  const { data } = await signIn('admin', ADMIN_PASSWORD)
  const rows = await it_.db.owner.query('SELECT * FROM refresh_token')
  expect(JSON.stringify(rows)).not.toContain(data.signIn.refreshToken)
})

test('a session may be refreshed while its access token is refused', async () => {
  const { data } = await signIn('admin', ADMIN_PASSWORD)
  const variables = { i: { refreshToken: data.signIn.refreshToken } }
  const { data: renewed } = await it_.ask(REFRESH, { variables, token: 'no.valid.token' })
  expect(renewed.refreshSession.accessToken).not.toBeNull()
})

test('signing out ends the session', async () => {
  const token = await it_.tokenOf('admin')
  const query = 'mutation { signOut(input: {}) { session { logoutAt } userErrors { code } } }'
  const { data } = await it_.ask(query, { token })
  expect(data.signOut.session.logoutAt).not.toBeNull()
  expect((await it_.ask(VIEWER, { token })).errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
})

test("another user's session is not found", async () => {
  const { data } = await signIn('admin', ADMIN_PASSWORD)
  const { token } = await it_.makeUser('meddler')
  const query = 'mutation ($i: SignOutInput!) { signOut(input: $i) { session { id } userErrors { code path } } }'
  const variables = { i: { sessionId: data.signIn.session.id } }
  const answer = await it_.ask(query, { token, variables })
  expect(answer.data.signOut).toEqual({ session: null, userErrors: [{ code: 'NOT_FOUND', path: ['sessionId'] }] })
})

test('signing in is the only field of its operation', async () => {
  const query = `mutation { a: signIn(input: {username: "a", password: "b"}) { position }
    b: signIn(input: {username: "a", password: "b"}) { position } }`
  const answer = await it_.ask(query)
  expect(answer.errors[0]?.message).toBe('An operation may have nothing beside a field that signs in')
})

test('repeats within a minute are one row of the access log', async () => {
  for (let n = 0; n < 3; n += 1) await signIn('counted', 'not the password')
  const rows = await it_.db.owner.query<{ outcome: string; sum: number; rows: number }>(
    `SELECT outcome, sum(repeat_count)::int AS sum, count(*)::int AS rows FROM access_log
     WHERE username = 'counted' GROUP BY outcome`,
  )
  expect(rows).toEqual([{ outcome: 'FAILED', sum: 3, rows: expect.any(Number) }])
  expect(rows[0]?.rows).toBeLessThanOrEqual(2)
})

test('who fails six times has to wait, with the right password too', async () => {
  await it_.makeUser('guessed')
  for (let n = 0; n < 6; n += 1) await signIn('guessed', 'not the password')
  const answer = await signIn('guessed', ADMIN_PASSWORD)
  expect(answer.errors[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 1 })
})
