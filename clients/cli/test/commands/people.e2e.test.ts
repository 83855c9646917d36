import { jest } from '@jest/globals'
import { person, server, signedIn } from '../helpers/signed-in.js'

// Each command is a process of its own, which takes a second on a busy machine.
jest.setTimeout(300_000)

signedIn('file')

const asked = () => server.people.asked.at(-1)

test('a user is made with a password from stdin, changed, and erased', async () => {
  const create = ['user', 'create', 'ada', '--password-stdin', '--permission', 'queues', '--permission', 'pools']
  expect(await person.enters(create, 'a good password\n')).toMatchObject({ code: 0, stdout: 'Created user ada\n' })
  expect(asked()).toEqual([
    'createUser',
    { username: 'ada', password: 'a good password', permissions: ['queues', 'pools'] },
  ])
  expect((await person.enters(['user', 'update', 'ada', '--no-permissions', '--deactivate'])).code).toBe(0)
  expect(asked()).toEqual(['updateUser', { userId: 'user_ada', permissions: [], isActive: false }])
  expect(await person.enters(['user', 'update', 'ada'])).toMatchObject({ code: 2 })
  expect(await person.enters(['user', 'update', 'bob', '--activate'])).toMatchObject({ code: 5 })
  expect((await person.enters(['user', 'erase', 'ada', '--reason', 'Request 17'])).stdout).toContain('user_ada')
  expect(asked()).toEqual(['eraseUser', { userId: 'user_ada', reason: 'Request 17' }])
})

test('the password is two lines of stdin; a wrong one is exit code 3', async () => {
  const change = ['password', 'change', '--password-stdin']
  expect((await person.enters(change, 'old one\nnew one\n')).code).toBe(0)
  expect(asked()).toEqual(['changePassword', { currentPassword: 'old one', newPassword: 'new one' }])
  expect((await person.enters(change, 'wrong\nnew one\n')).code).toBe(3)
  expect((await person.enters(change, 'only one\n')).code).toBe(2)
})

test('a token goes to stdout alone, what is to be said to stderr', async () => {
  const create = ['token', 'create', 'ci', '--scope', 'read', '--scope', 'runs', '--expires', '2027-01-01']
  const { code, stdout, stderr } = await person.enters(create)
  expect([code, stdout]).toEqual([0, 'dagbook_shown-once\n'])
  expect(stderr).toContain('shown this once')
  expect(asked()?.[1]).toEqual({ name: 'ci', scopes: ['read', 'runs'], expiresAt: '2027-01-01T00:00:00.000Z' })
  expect((await person.enters(['token', 'list'])).stdout).toContain('apitoken_1')
  expect((await person.enters(['session', 'list'])).stdout).toContain('session_1')
  expect((await person.enters(['session', 'revoke', 'session_1'])).code).toBe(0)
})

test('a secret comes from stdin, line ends inside kept; no argument takes it', async () => {
  expect((await person.enters(['secret', 'set', 'examples', 'pg'], 'line 1\nline 2\n')).code).toBe(0)
  expect(asked()?.[1]).toMatchObject({ name: 'pg', value: 'line 1\nline 2' })
  expect((await person.enters(['secret', 'set', 'examples', 'pg', 'value'])).code).toBe(2)
  expect((await person.enters(['secret', 'delete', 'examples', 'pg'])).stdout).toBe('Deleted secret pg of examples\n')
})

test('members come and go by their names; the audit log takes filters', async () => {
  await person.enters(['user', 'create', 'eve', '--password-stdin'], 'a good password\n')
  expect((await person.enters(['project', 'member', 'grant', 'examples', 'eve', 'editor'])).code).toBe(0)
  expect(asked()).toMatchObject(['grantProjectRole', { userId: 'user_eve', role: 'EDITOR' }])
  expect((await person.enters(['project', 'member', 'revoke', 'examples', 'eve'])).code).toBe(0)
  const list = await person.enters(['audit', 'list', '--user', 'eve', '--outcome', 'denied', '--from', '2026-11-01'])
  expect(list.stdout).toContain('UserCreated')
  expect(server.people.lastFilter).toEqual({ userId: 'user_eve', outcome: 'DENIED', from: expect.anything() })
})

test('the audit log is exported to its end, an entry a line', async () => {
  const { code, stdout } = await person.enters(['audit', 'export', '--action', 'UserCreated'])
  const entries = stdout.trim().split('\n')
  expect([code, entries.map((line) => JSON.parse(line).id)]).toEqual([0, ['audit_7', 'audit_6']])
  expect(server.people.lastFilter).toEqual({ action: 'UserCreated' })
})
