import { once } from 'node:events'
import { WebSocket } from 'ws'
import { openTestApi, type TestApi } from '../../helpers/api.js'
import { Line } from '../../helpers/socket-line.js'

let it_: TestApi
let url: string

beforeAll(async () => {
  it_ = await openTestApi()
  url = `${(await it_.api.listen('127.0.0.1', 0)).replace('http', 'ws')}/graphql`
})
afterAll(() => it_.close())

test('a query is answered as over HTTP, with the position', async () => {
  const line = await Line.signedIn(url, await it_.tokenOf('admin'))
  line.send({ type: 'subscribe', id: '1', payload: { query: '{ viewer { username } }' } })
  const { payload } = await line.next()
  expect(payload).toEqual({ data: { viewer: { username: 'admin' } }, extensions: { position: expect.any(String) } })
  expect((await line.next()).type).toBe('complete')
  await line.close()
})

test('the same limits hold, with the same codes', async () => {
  const line = await Line.signedIn(url, (await it_.makeUser('limited')).token)
  const refusals: [string, string][] = [
    ['{ viewr { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ viewer {', 'GRAPHQL_PARSE_FAILED'],
    [`{ ${'viewer { id } '.repeat(1_000)} }`, 'GRAPHQL_PARSE_FAILED'],
    ['{ users { nodes { id } } }', 'FORBIDDEN'],
  ]
  for (const [query, code] of refusals) {
    line.send({ type: 'subscribe', id: query, payload: { query } })
    const answer = await line.next()
    expect(answer).toMatchObject({ type: 'error', payload: [{ extensions: { code } }] })
    expect(JSON.stringify(answer)).not.toContain('Did you mean')
  }
  await line.close()
})

test('who is not signed in is closed with 4403', async () => {
  for (const payload of [undefined, {}, { authorization: 'Bearer nonsense' }, { authorization: 5 }]) {
    const line = await Line.open(url)
    line.send({ type: 'connection_init', payload })
    expect(await line.closed).toBe(4403)
  }
})

test('a second init closes with 4429, an operation before the first with 4401, nonsense with 4400', async () => {
  const twice = await Line.signedIn(url, await it_.tokenOf('admin'))
  twice.send({ type: 'connection_init' })
  expect(await twice.closed).toBe(4429)
  const early = await Line.open(url)
  early.send({ type: 'subscribe', id: '1', payload: { query: '{ __typename }' } })
  expect(await early.closed).toBe(4401)
  const nonsense = await Line.open(url)
  nonsense.socket.send('nonsense')
  expect(await nonsense.closed).toBe(4400)
})

test('a page of another site is refused, one of our own is not', async () => {
  const foreign = new WebSocket(url, 'graphql-transport-ws', { origin: 'https://evil.example' })
  const [error] = await once(foreign, 'error')
  expect(String(error)).toContain('403')
  const own = await Line.open(url, { origin: url.replace('ws', 'http').replace('/graphql', '') })
  await own.close()
})

test('a message over 1 MB closes the connection, also one that was squeezed', async () => {
  const line = await Line.signedIn(url, await it_.tokenOf('admin'))
  expect(line.socket.extensions).toBe('')
  line.send({ type: 'ping', payload: { x: 'x'.repeat(1_100_000) } })
  expect(await line.closed).toBe(1009)
})

test('a lost role closes, a new one does not', async () => {
  const { id, token } = await it_.makeUser('fickle')
  const admin = await it_.tokenOf('admin')
  const created = await it_.ask('mutation { createProject(input: {name: "roles"}) { project { id } } }', {
    token: admin,
  })
  const projectId = created.data.createProject.project.id
  const grant = (role: string) =>
    it_.ask('mutation ($i: GrantProjectRoleInput!) { grantProjectRole(input: $i) { userErrors { code } } }', {
      token: admin,
      variables: { i: { projectId, userId: id, role } },
    })
  const line = await Line.signedIn(url, token)
  await grant('EDITOR')
  for (let seen = false; !seen; ) {
    line.send({ type: 'subscribe', id: '1', payload: { query: '{ project(name: "roles") { viewerRole } }' } })
    seen = (await line.next()).payload.data.project?.viewerRole === 'EDITOR'
    await line.next()
  }
  await grant('VIEWER')
  expect(await line.closed).toBe(4403)
})
