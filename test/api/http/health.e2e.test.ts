import { APPLICATION_ROLE, openDatabase } from '../../../src/platform/database.js'
import { createLogger } from '../../../src/platform/logger.js'
import { openTestApi, type TestApi } from '../../helpers/api.js'
import { TcpProxy } from '../../helpers/tcp-proxy.js'

let it_: TestApi
let url: string

beforeAll(async () => {
  it_ = await openTestApi()
  url = await it_.api.listen('127.0.0.1', 0)
})
afterAll(() => it_.close())

const get = async (path: string) => {
  const response = await fetch(`${url}${path}`)
  return { status: response.status, body: await response.json() }
}

test('says that it lives, that it can work, and its version', async () => {
  expect(await get('/livez')).toEqual({ status: 200, body: { status: 'ok' } })
  expect(await get('/readyz')).toEqual({ status: 200, body: { status: 'ok' } })
  expect(await get('/version')).toEqual({ status: 200, body: { name: 'dagbook', version: '0.0.0-test' } })
  expect((await get('/nothing')).status).toBe(404)
})

test('is not ready while its schema is not there', async () => {
  await it_.db.owner.query('ALTER TABLE schema_migration_record RENAME TO hidden')
  expect(await get('/readyz')).toEqual({ status: 503, body: { status: 'database unreachable' } })
  await it_.db.owner.query('ALTER TABLE hidden RENAME TO schema_migration_record')
  expect((await get('/readyz')).status).toBe(200)
})

test('says so when the database is away, with an id that its log knows, whoever asks', async () => {
  const proxy = await TcpProxy.open(it_.db.url)
  const through = { url: proxy.urlOf(it_.db.url), role: APPLICATION_ROLE, applicationName: 'test-far' }
  const database = await openDatabase(through)
  const lines: string[] = []
  const logger = createLogger({ level: 'info', destination: { write: (line) => lines.push(line) }, isPlain: false })
  const far = await openTestApi({ beside: { db: { ...it_.db, database } }, logger })
  const token = await far.tokenOf('admin')
  // The head is known a moment longer: the first is told within GraphQL, the other before.
  await far.services.tail.current(0)
  proxy.isRefusing = true
  proxy.reset()
  const message = 'The database cannot be reached at the moment; ask again'
  const extensions = { code: 'INTERNAL', requestId: expect.stringMatching(/^request_/) }
  const variables = { input: { username: 'admin', password: 'x'.repeat(12) } }
  const signIn = 'mutation ($input: SignInInput!) { signIn(input: $input) { accessToken } }'
  const signedIn = await far.ask(signIn, { variables })
  const viewer = await far.ask('{ viewer { id } }', { token })
  await far.close()
  await database.close()
  await proxy.close()
  expect(viewer).toMatchObject({ status: 503, errors: [{ message, extensions }] })
  expect(signedIn.errors).toMatchObject([{ extensions }])
  // What the log knows stands beside it where it is another message.
  expect([signedIn.errors[0]?.message, ...lines]).toEqual([message, ...lines])
  const ids = [viewer, signedIn].map(({ errors }) => errors[0]?.extensions.requestId)
  expect(lines.map((line) => JSON.parse(line).requestId)).toEqual(expect.arrayContaining(ids))
})
