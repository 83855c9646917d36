import { ADMIN_PASSWORD, openTestApi, type TestApi } from '../../helpers/api.js'

let it_: TestApi
let admin: string

beforeAll(async () => {
  it_ = await openTestApi()
  admin = await it_.tokenOf('admin')
})
afterAll(() => it_.close())

const CREATE = `mutation ($i: CreateUserInput!) { createUser(input: $i) {
  user { id username email role permissions isActive } position userErrors { code path }
} }`
const create = (token: string, i: object) => it_.ask(CREATE, { token, variables: { i } })

test('a user is made with what was asked for; the event holds no personal data', async () => {
  const i = { username: 'ada', password: 'a long password', email: 'ada@example.org', permissions: ['queues'] }
  const { data } = await create(admin, i)
  expect(data.createUser.user).toMatchObject({
    username: 'ada',
    email: 'ada@example.org',
    role: 'USER',
    isActive: true,
  })
  const rows = await it_.db.owner.query('SELECT data::text FROM event')
  for (const secret of ['ada', 'example.org', 'a long password']) expect(JSON.stringify(rows)).not.toContain(secret)
})

test('everything wrong with a user is said at once', async () => {
  const i = { username: '-', password: 'short', email: 'nowhere', fullName: ' ', permissions: ['fly'] }
  const { data } = await create(admin, i)
  const paths = data.createUser.userErrors.map(({ path }: { path: string[] }) => path[0])
  expect(paths).toEqual(['username', 'password', 'email', 'fullName', 'permissions'])
})

test('making users needs the permission, and nobody gives what they lack', async () => {
  const { token } = await it_.makeUser('plain')
  expect((await create(token, { username: 'x', password: 'a long password' })).errors[0]?.extensions.code).toBe(
    'FORBIDDEN',
  )
  const manager = await it_.makeUser('manager', { permissions: ['users'] })
  const i = { username: 'climber', password: 'a long password', role: 'ADMIN', permissions: ['audit'] }
  const { data } = await create(manager.token, i)
  expect(data.createUser).toMatchObject({ user: null, userErrors: [{ path: ['permissions'] }, { path: ['role'] }] })
})

test('others do not see an address or when one signed in, the user and who manages users do', async () => {
  const { id, token } = await it_.makeUser('shy', { email: 'shy@example.org' })
  const { token: other } = await it_.makeUser('curious')
  const query = 'query ($id: ID!) { node(id: $id) { ... on User { username email lastLoginAt } } }'
  const seen = async (by: string) => (await it_.ask(query, { token: by, variables: { id } })).data.node
  expect(await seen(other)).toEqual({ username: 'shy', email: null, lastLoginAt: null })
  for (const by of [token, admin]) expect(await seen(by)).toMatchObject({ email: 'shy@example.org' })
})

test('a repeat with the same key makes one user; another password under it is a conflict', async () => {
  const i = { username: 'twice', password: ADMIN_PASSWORD, idempotencyKey: 'u1' }
  const [first, again] = [await create(admin, i), await create(admin, i)]
  expect(again.data.createUser.user.id).toBe(first.data.createUser.user.id)
  expect((await create(admin, { ...i, password: 'another password' })).errors[0]?.extensions.code).toBe('CONFLICT')
})
