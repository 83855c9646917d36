import { readFile, stat, writeFile } from 'node:fs/promises'
import { Person } from '../helpers/dagbook.js'
import { FakeServer } from '../helpers/fake-server.js'
import { until } from '../helpers/until.js'

let server: FakeServer
let url: string
let person: Person

beforeEach(async () => {
  server = new FakeServer()
  url = await server.start()
  person = await Person.at(url)
})

afterEach(async () => {
  await person.leaves()
  await server.stop()
})

test('login keeps the tokens where only their owner reads them, and whoami uses them', async () => {
  const { code, stdout } = await person.types(
    ['login', '--username', 'admin', '--password-stdin', '--json'],
    'secret\n',
  )
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    expect.objectContaining({ server: url, user: expect.objectContaining({ username: 'admin' }) }),
  ])
  expect((await stat(person.contextPath)).mode & 0o777).toBe(0o600)
  const who = await person.types(['whoami'], '', { DAGBOOK_SERVER: '' })
  expect([who.code, who.stdout]).toEqual([0, `admin (ADMIN) at ${url}\n`])
})

test('a wrong password is exit code 4, and says what to do', async () => {
  const { code, stdout, stderr } = await person.types(['login', '--username', 'admin', '--password-stdin'], 'guess')
  expect([code, stdout]).toEqual([4, ''])
  expect(stderr).toBe(`error: The name or the password is wrong\nNext: dagbook login --server ${url}\n`)
})

test('without a login a command is exit code 4, and without a terminal a login needs its options', async () => {
  expect(await person.types(['project', 'list'])).toMatchObject({ code: 4, stdout: '' })
  expect(await person.types(['login', '--username', 'admin'])).toMatchObject({ code: 2 })
  expect(await person.types(['login', '--password-stdin'])).toMatchObject({ code: 2 })
})

test('an access token that ran out is renewed on the way, by the clock and by the answer', async () => {
  server.access.lifetimeSeconds = 10
  await person.isSignedIn(server)
  expect(await person.types(['whoami'])).toMatchObject({ code: 0 })
  expect(server.access.refreshes).toBe(1)
  server.access.lifetimeSeconds = 600
  expect(await person.types(['whoami'])).toMatchObject({ code: 0 })
  server.access.expireAccessTokens()
  expect(await person.types(['whoami'])).toMatchObject({ code: 0 })
  expect([server.access.refreshes, server.access.reuses]).toEqual([3, 0])
})

test('commands side by side renew once: no refresh token is used twice', async () => {
  await person.isSignedIn(server)
  server.access.expireAccessTokens()
  // No token is renewed before all five commands were refused.
  server.access.beforeRefresh = () => until(() => expect(server.access.refusals).toBe(5), 30_000)
  const ends = await Promise.all(Array.from({ length: 5 }, () => person.types(['whoami'])))
  expect(ends.map(({ code, stderr }) => [code, stderr])).toEqual(ends.map(() => [0, '']))
  expect([server.access.refreshes, server.access.reuses]).toEqual([1, 0])
})

test('a lock that a dead process left behind is taken over', async () => {
  await person.isSignedIn(server)
  server.access.expireAccessTokens()
  const { hostname } = await import('node:os')
  // No process can have this id: it is above Linux's highest.
  await writeFile(`${person.contextPath}.lock`, JSON.stringify({ pid: 4_194_305, host: hostname(), nonce: 'x' }))
  expect(await person.types(['whoami'])).toMatchObject({ code: 0, stderr: '' })
})

test('a session that ended at the server is exit code 4', async () => {
  await person.isSignedIn(server)
  server.access.endSessions()
  const { code, stderr } = await person.types(['whoami'])
  expect(code).toBe(4)
  expect(stderr).toContain('The session of admin')
})

test('logout ends the session and forgets it', async () => {
  await person.isSignedIn(server)
  expect(await person.types(['logout', '--json'])).toMatchObject({
    code: 0,
    stdout: `{"server":"${url}","signedOut":true,"context":"${new URL(url).host}"}\n`,
  })
  expect(await readFile(person.contextPath, 'utf8')).not.toContain('access-')
  expect(await person.types(['whoami'])).toMatchObject({ code: 4 })
})

test("DAGBOOK_TOKEN needs no login, and one server's token is never shown to another", async () => {
  expect(await person.types(['whoami'], '', { DAGBOOK_TOKEN: server.access.apiToken() })).toMatchObject({ code: 0 })
  expect(await person.types(['whoami'], '', { DAGBOOK_TOKEN: 'revoked' })).toMatchObject({ code: 4 })
  await person.isSignedIn(server)
  const other = new FakeServer()
  const end = await person.types(['whoami'], '', { DAGBOOK_SERVER: await other.start() })
  await other.stop()
  expect([end.code, other.requests.length]).toEqual([4, 0])
})

test('a server that is not there is exit code 6, and the answer of a stranger too', async () => {
  await person.isSignedIn(server)
  await server.stop()
  const gone = await person.types(['whoami'])
  expect(gone.code).toBe(6)
  expect(gone.stderr).toContain('no answer (ECONNREFUSED)')
})
