import { readEvents } from '../../../src/history/read-events.js'
import { ADMIN_PASSWORD, openTestApi, type TestApi } from '../../helpers/api.js'
import { checkReplay } from '../../projections/check-replay.js'

const UPDATE = `mutation ($i: UpdateUserInput!) { updateUser(input: $i) {
  user { role permissions isActive email fullName } userErrors { code path message } position } }`
const PASSWORD = `mutation ($i: ChangePasswordInput!) { changePassword(input: $i) {
  user { id } userErrors { code path } position } }`
const ERASE = `mutation ($i: EraseUserInput!) { eraseUser(input: $i) {
  user { id username email fullName isActive } userErrors { code path } position } }`
const VIEWER = '{ viewer { username } }'
const NEW_PASSWORD = 'another good password'

let it_: TestApi
let admin: string
let adminId: string

beforeAll(async () => {
  it_ = await openTestApi()
  admin = await it_.tokenOf('admin')
  adminId = (await it_.ask('{ viewer { id } }', { token: admin })).data.viewer.id
})
afterAll(() => it_.close())

const update = async (token: string, i: object) => (await it_.ask(UPDATE, { token, variables: { i } })).data?.updateUser
const password = (token: string, i: object) => it_.ask(PASSWORD, { token, variables: { i } })
const codeOf = async (token: string) => (await it_.ask(VIEWER, { token })).errors[0]?.extensions.code

test('rights and details change; what is left out stays; what changes nothing says nothing', async () => {
  const { id: userId } = await it_.makeUser('grace', { email: 'grace@example.org', fullName: 'Grace' })
  const i = { userId, permissions: ['queues', 'users'], fullName: 'Grace H.' }
  expect(await update(admin, i)).toMatchObject({
    user: { role: 'USER', permissions: ['queues', 'users'], email: 'grace@example.org', fullName: 'Grace H.' },
    position: expect.any(String),
  })
  expect(await update(admin, { userId, email: '' })).toMatchObject({ user: { email: null } })
  expect((await update(admin, { userId, permissions: ['users', 'queues'] })).position).toBeNull()
  const told = await it_.db.owner.query(`SELECT type, data::text FROM event WHERE stream_id = '${userId}'`)
  expect(JSON.stringify(told)).not.toMatch(/grace/i)
})

test('an address that is taken, and all that is wrong, are userErrors', async () => {
  await it_.makeUser('holder', { email: 'held@example.org' })
  const { id: userId } = await it_.makeUser('wanter')
  expect((await update(admin, { userId, email: 'HELD@example.org' })).userErrors).toMatchObject([
    { code: 'TAKEN', path: ['email'] },
  ])
  const { userErrors } = await update(admin, { userId, email: 'nowhere', fullName: ' ', permissions: ['fly'] })
  expect(userErrors.map(({ path }: { path: string[] }) => path[0])).toEqual(['email', 'fullName', 'permissions'])
})

test('who manages users gives and takes only what they have', async () => {
  const manager = await it_.makeUser('chief', { permissions: ['users'] })
  const { id: auditor } = await it_.makeUser('auditor', { permissions: ['audit'] })
  const { id: plain } = await it_.makeUser('novice')
  const pathsOf = async (i: object) =>
    (await update(manager.token, i)).userErrors.map(({ path }: { path: string[] }) => path[0])
  expect(await pathsOf({ userId: plain, role: 'ADMIN', permissions: ['audit'] })).toEqual(['permissions', 'role'])
  expect(await pathsOf({ userId: auditor, isActive: false })).toEqual(['userId'])
  expect(await pathsOf({ userId: adminId, role: 'USER' })).toEqual(['userId'])
  expect(await pathsOf({ userId: plain, permissions: ['users'] })).toEqual([])
  const reset = await password(manager.token, { userId: auditor, newPassword: NEW_PASSWORD })
  expect(reset.data.changePassword.userErrors).toMatchObject([{ path: ['userId'] }])
})

test('the last active ADMIN stays, whoever else is demoted at the same moment', async () => {
  const alone = await update(admin, { userId: adminId, role: 'USER' })
  expect(alone).toMatchObject({ user: null, userErrors: [{ code: 'NOT_ALLOWED_IN_STATE', path: ['userId'] }] })
  expect((await update(admin, { userId: adminId, isActive: false })).userErrors).toHaveLength(1)
  const others = [await it_.makeUser('second', { role: 'ADMIN' }), await it_.makeUser('third', { role: 'ADMIN' })]
  const everyone = [{ id: adminId }, ...others]
  const token = others[0]?.token as string
  const answers = await Promise.all(everyone.map(({ id }) => update(token, { userId: id, role: 'USER' })))
  const left = await it_.db.owner.query<{ id: string }>("SELECT id FROM app_user WHERE role = 'ADMIN' AND is_active")
  expect(left.length).toBeGreaterThanOrEqual(1)
  expect(answers.filter((answer) => answer?.user).length).toBeLessThan(everyone.length)
  const [survivor] = everyone.filter(({ id }) => id === left[0]?.id) as { id: string; token?: string }[]
  const back = survivor?.token ?? admin
  if (survivor?.id !== adminId)
    expect(await update(back, { userId: adminId, role: 'ADMIN' })).toMatchObject({ userErrors: [] })
  for (const { id } of others) await update(admin, { userId: id, role: 'USER' })
})

test('who is deactivated is out at once, and cannot sign in', async () => {
  const { id: userId, token } = await it_.makeUser('leaver')
  await update(admin, { userId, isActive: false })
  expect(await codeOf(token)).toBe('UNAUTHENTICATED')
  await expect(it_.tokenOf('leaver')).resolves.toBeNull()
  await update(admin, { userId, isActive: true })
  expect(await codeOf(token)).toBe('UNAUTHENTICATED')
  await expect(it_.tokenOf('leaver')).resolves.toEqual(expect.any(String))
})

test('the own password needs the current one, and ends the other sessions', async () => {
  const { token } = await it_.makeUser('changer')
  const other = await it_.tokenOf('changer')
  const errorsOf = async (i: object) => (await password(token, i)).data.changePassword.userErrors
  expect(await errorsOf({ newPassword: NEW_PASSWORD })).toEqual([{ code: 'REQUIRED', path: ['currentPassword'] }])
  expect(await errorsOf({ newPassword: NEW_PASSWORD, currentPassword: 'wrong' })).toEqual([
    { code: 'INVALID', path: ['currentPassword'] },
  ])
  expect(await errorsOf({ newPassword: 'short', currentPassword: ADMIN_PASSWORD })).toEqual([
    { code: 'INVALID', path: ['newPassword'] },
  ])
  const i = { newPassword: NEW_PASSWORD, currentPassword: ADMIN_PASSWORD, idempotencyKey: 'p1' }
  const { changePassword: first } = (await password(token, i)).data
  expect(first).toMatchObject({ userErrors: [], position: expect.any(String) })
  expect((await password(token, i)).data.changePassword.position).toBe(first.position)
  expect([await codeOf(token), await codeOf(other)]).toEqual([undefined, 'UNAUTHENTICATED'])
  await expect(it_.tokenOf('changer')).resolves.toBeNull()
  await expect(it_.tokenOf('changer', NEW_PASSWORD)).resolves.toEqual(expect.any(String))
})

test('guessing the current password is slowed down as guessing at the door is', async () => {
  const { token } = await it_.makeUser('target')
  const guess = { newPassword: NEW_PASSWORD, currentPassword: 'a guess of mine' }
  for (let n = 0; n < 6; n += 1) await password(token, guess)
  const { errors } = await password(token, { ...guess, currentPassword: ADMIN_PASSWORD })
  expect(errors[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED' })
})

test("another's password is for who manages users, and ends all sessions", async () => {
  const { id: userId, token } = await it_.makeUser('forgetful')
  const { token: stranger } = await it_.makeUser('other')
  expect((await password(stranger, { userId, newPassword: NEW_PASSWORD })).errors[0]?.extensions.code).toBe('FORBIDDEN')
  expect((await password(admin, { userId, newPassword: NEW_PASSWORD })).data.changePassword.userErrors).toEqual([])
  expect(await codeOf(token)).toBe('UNAUTHENTICATED')
})

test('an erased user leaves an id and nothing of the person, in any table', async () => {
  const i = { email: 'ophelia.quill@example.org', fullName: 'Ophelia Quill' }
  const { id: userId, token } = await it_.makeUser('ophelia', i)
  const create = 'mutation { createProject(input: {name: "hers"}) { project { id } position } }'
  const { project } = (await it_.ask(create, { token })).data.createProject
  const variables = { i: { name: 'ophelia-ci', scopes: ['read'], expiresAt: '2999-01-01T00:00:00Z' } }
  const token2 = await it_.ask('mutation ($i: CreateApiTokenInput!) { createApiToken(input: $i) { secret } }', {
    token,
    variables,
  })
  await it_.ask('mutation { signIn(input: {username: "Ophelia", password: "wrong one"}) { position } }')
  const erase = async (reason: string) =>
    (await it_.ask(ERASE, { token: admin, variables: { i: { userId, reason } } })).data.eraseUser
  expect((await erase('Ophelia asked for it')).userErrors).toEqual([{ code: 'INVALID', path: ['reason'] }])
  expect(await erase('Request 17')).toMatchObject({
    user: { id: userId, username: userId, email: null, fullName: null, isActive: false },
    userErrors: [],
  })
  expect([await codeOf(token), await codeOf(token2.data.createApiToken.secret)]).toEqual([
    'UNAUTHENTICATED',
    'UNAUTHENTICATED',
  ])
  const seen = await it_.ask(`{ node(id: "${project.id}") { ... on Project { createdBy { id username } } } }`, {
    token: admin,
  })
  expect(seen.data.node.createdBy).toEqual({ id: userId, username: userId })
  const tables = await it_.db.owner.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace",
  )
  for (const { name } of tables) {
    const rows = await it_.db.owner.query(`SELECT t::text AS row FROM ${name} t`)
    expect(JSON.stringify(rows)).not.toMatch(/ophelia|quill/i)
  }
  const { userErrors } = await update(admin, { userId, role: 'USER' })
  expect(userErrors).toMatchObject([{ code: 'NOT_ALLOWED_IN_STATE', path: ['userId'] }])
  await expect(it_.makeUser('ophelia')).resolves.toBeDefined()
})

test('a replay of all of it, whole or event by event, gives the same users and projects', async () => {
  const events = await readEvents(it_.db.owner.pool, { after: 0 }, 10_000)
  for (const batch of [1, 7, 10_000]) await checkReplay(it_.db, events, batch)
})
