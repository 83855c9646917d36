import { ADMIN_PASSWORD, openTestApi, type TestApi } from '../../helpers/api.js'
import { Line } from '../../helpers/socket-line.js'

const SIGN_IN = `mutation { signIn(input: {username: "admin", password: "${ADMIN_PASSWORD}"}) { session { ipAddress } } }`

let plain: TestApi
beforeAll(async () => {
  plain = await openTestApi()
})
afterAll(() => plain.close())

const servers: TestApi[] = []
async function behind(...trustProxy: string[]): Promise<TestApi> {
  const server = await openTestApi({ beside: plain, trustProxy })
  servers.push(server)
  return server
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

/** The address of a session that begins with a request from this host, which says that. */
async function addressAt(server: TestApi, forwardedFor: string): Promise<string> {
  const { data } = await server.ask(SIGN_IN, { headers: { 'x-forwarded-for': forwardedFor } })
  return data.signIn.session.ipAddress
}

test('x-forwarded-for is believed from nobody unless that is set', async () => {
  expect(await addressAt(plain, '203.0.113.7')).toBe('127.0.0.1')
})

test('it is believed from proxies of those addresses, and what a client wrote before them is not', async () => {
  const server = await behind('127.0.0.0/8', '10.0.0.5')
  expect(await addressAt(server, '203.0.113.7')).toBe('203.0.113.7')
  expect(await addressAt(server, '198.51.100.9, 203.0.113.7, 10.0.0.5')).toBe('203.0.113.7')
  expect(await addressAt(await behind('10.0.0.5'), '203.0.113.7')).toBe('127.0.0.1')
})

test('failures to sign in make wait who fails, not everybody behind the proxy', async () => {
  const server = await behind('127.0.0.1')
  const guess = 'mutation { signIn(input: {username: "nobody", password: "a guess"}) { position } }'
  const failuresOf = async (address: string) => {
    const text = 'SELECT sum(repeat_count)::integer AS count FROM access_log WHERE ip_address = $1 AND outcome = $2'
    const [row] = await plain.services.database.query<{ count: number | null }>(text, [address, 'FAILED'])
    return row?.count
  }
  await server.ask(guess, { headers: { 'x-forwarded-for': '203.0.113.50' } })
  expect([await failuresOf('203.0.113.50'), await failuresOf('127.0.0.1')]).toEqual([1, null])
})

test('by WebSocket, too', async () => {
  const server = await behind('127.0.0.1')
  const { token } = await plain.makeUser('denied')
  const url = `${(await server.api.listen('127.0.0.1', 0)).replace('http', 'ws')}/graphql`
  const line = await Line.signedIn(url, token, { headers: { 'x-forwarded-for': '203.0.113.60' } })
  line.send({ type: 'subscribe', id: '1', payload: { query: '{ users { totalCount } }' } })
  expect(await line.next()).toMatchObject({ type: 'error' })
  await line.close()
  const denials = '{ auditLog(first: 1, filter: {outcome: DENIED}) { nodes { ipAddress } } }'
  const { data } = await plain.ask(denials, { token: await plain.tokenOf('admin') })
  expect(data.auditLog.nodes).toEqual([{ ipAddress: '203.0.113.60' }])
})
