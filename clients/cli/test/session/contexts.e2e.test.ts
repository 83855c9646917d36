import { readFile, stat, writeFile } from 'node:fs/promises'
import { Person } from '../helpers/dagbook.js'
import { FakeServer } from '../helpers/fake-server.js'

let one: FakeServer
let other: FakeServer
let urls: [string, string]
let person: Person

beforeEach(async () => {
  one = new FakeServer()
  other = new FakeServer()
  urls = [await one.start(), await other.start()]
  person = await Person.at('')
})

afterEach(async () => {
  await person.leaves()
  await one.stop()
  await other.stop()
})

const logsIn = (context: string, server: string) => {
  const login = ['login', '--context', context, '--server', server, '--username', 'admin', '--password-stdin']
  return person.enters(login, 'secret')
}
const asks = async (env: Record<string, string>, ...args: string[]): Promise<string> => {
  const { stdout } = await person.enters(['context', 'show', '--json', ...args], '', env)
  return (JSON.parse(stdout) as { context: { name: string } }).context.name
}

test('contexts are listed, used and removed, and each speaks to its own server', async () => {
  expect(await logsIn('home', urls[0])).toMatchObject({ code: 0, stdout: expect.stringContaining('context home') })
  await logsIn('work', urls[1])
  const listed = JSON.parse((await person.enters(['context', 'list', '--json'])).stdout)
  expect(listed).toEqual({
    contexts: [
      { name: 'home', server: urls[0], username: 'admin', isCurrent: false },
      { name: 'work', server: urls[1], username: 'admin', isCurrent: true },
    ],
  })
  expect((await stat(person.contextPath)).mode & 0o777).toBe(0o600)
  expect(await person.enters(['context', 'use', 'home'])).toMatchObject({ code: 0 })
  expect((await person.enters(['whoami'])).stdout).toContain(urls[0])
  expect((await person.enters(['--context', 'work', 'whoami'])).stdout).toContain(urls[1])
  expect((await person.enters(['whoami', '--context', 'work'])).stdout).toContain(urls[1])
  other.access.expireAccessTokens()
  expect((await person.enters(['whoami'], '', { DAGBOOK_CONTEXT: 'work' })).stdout).toContain(urls[1])
  expect(await person.enters(['context', 'remove', 'work'])).toMatchObject({ code: 0 })
  expect(other.access.accepts('Bearer access-2')).toBe(false)
  expect(await person.enters(['whoami', '--context', 'work'])).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('Next: dagbook context list'),
  })
})

test('--context comes before DAGBOOK_CONTEXT, that before DAGBOOK_SERVER, and that before the current one', async () => {
  const tokens = { username: 'admin', accessToken: 'a', refreshToken: 'r', expiresAt: '2099-01-01T00:00:00Z' }
  const [first, second] = urls
  const contexts = {
    home: { server: first, tokens },
    work: { server: second, tokens },
    guest: { server: second, tokens: null },
  }
  await writeFile(person.contextPath, JSON.stringify({ version: 2, current: 'home', contexts }))
  const env = { DAGBOOK_CONTEXT: 'work', DAGBOOK_SERVER: first }
  expect(await asks(env, '--context', 'guest')).toBe('guest')
  expect(await asks(env)).toBe('work')
  expect(await asks({ DAGBOOK_SERVER: first })).toBe('home')
  expect(await asks({})).toBe('home')
  const unclear = await person.enters(['context', 'show'], '', { DAGBOOK_SERVER: second })
  expect(unclear).toMatchObject({ code: 2, stderr: expect.stringContaining('work, guest') })
})

test('a file of the first version is read: its servers are contexts, and the next change keeps them', async () => {
  const { accessToken, refreshToken, expiresAt } = one.access.issue()
  const tokens = { username: 'admin', accessToken, refreshToken, expiresAt }
  const [first, second] = urls
  const former = { version: 1, currentServer: first, servers: { [first]: tokens, [second]: tokens } }
  await writeFile(person.contextPath, JSON.stringify(former))
  expect((await person.enters(['whoami'])).stdout).toBe(`admin (ADMIN) at ${first}\n`)
  await person.enters(['context', 'use', new URL(second).host])
  const { version, current, contexts } = JSON.parse(await readFile(person.contextPath, 'utf8'))
  expect([version, current, Object.keys(contexts)]).toEqual([
    2,
    new URL(second).host,
    urls.map((url) => new URL(url).host),
  ])
})

test('a server that no context is about is shown no tokens', async () => {
  await logsIn('home', urls[0])
  const command = person.enters(['whoami'], '', { DAGBOOK_SERVER: urls[1] })
  expect(await command).toMatchObject({ code: 4, stderr: expect.stringContaining(`dagbook login --server ${urls[1]}`) })
  expect(other.requests).toHaveLength(0)
})

test('logout forgets the tokens and keeps the context', async () => {
  await logsIn('home', urls[0])
  expect(JSON.parse((await person.enters(['logout', '--json'])).stdout)).toMatchObject({ context: 'home' })
  const { context } = JSON.parse((await person.enters(['context', 'show', '--json'])).stdout)
  expect(context).toEqual({ name: 'home', server: urls[0], username: null, isCurrent: true })
  expect(await person.enters(['whoami'])).toMatchObject({ code: 4, stderr: expect.stringContaining('--context home') })
})
