import { newId } from '../../../src/platform/ids.js'
import { registerNode } from '../../../src/queue/node-lease.js'
import { type Flow, openFlow } from '../../helpers/flow.js'

let f: Flow
let runId: string
let attempt: { instanceId: string; fence: number; runId: string; taskKey: string }
const node = newId('node')

beforeAll(async () => {
  f = await openFlow()
  const host = { hostIdentity: 'x', hostname: 'x', pid: 1, pidStartedAt: '', roles: [], version: '0' }
  await registerNode(f.db.database.pool, { id: node as never, ...host })
  const http = '{ http: { url: "http://localhost/" } }'
  const dagId = await f.publish(await f.project('tasks'), `name: a\ntasks:\n  a: ${http}\n  b: ${http}\n`)
  runId = await f.trigger(dagId)
  const claimed = await f.services.bus.claim({ node: node as never, machines: [], limit: 10 })
  attempt = claimed.find(({ taskKey }) => taskKey === 'a') as typeof attempt
})
afterAll(() => f.close(), 60_000)

const tokenOf = () => f.services.taskTokens.issue(attempt)

async function ask(method: 'GET' | 'PUT' | 'DELETE', path: string, body?: unknown, token = tokenOf()) {
  const headers = { authorization: `Bearer ${token}` }
  const payload = body === undefined ? {} : { payload: body as object }
  const response = await f.api.app.inject({ method, url: `/task/cache${path}`, headers, ...payload })
  return { status: response.statusCode, body: response.json() }
}

it("a task sets, reads, lists and deletes entries of its own run's cache", async () => {
  const set = await ask('PUT', '/entry?key=a%2Fb', { value: { n: 1 }, expiresInSeconds: 60 })
  expect(set).toMatchObject({ status: 200, body: { entry: { key: 'a/b', type: 'JSON', value: { n: 1 } } } })
  await ask('PUT', '/entry?key=n', { value: 'AAEC', type: 'BINARY' })
  expect((await ask('GET', '/entry?key=n')).body.entry).toMatchObject({
    value: 'AAEC',
    type: 'BINARY',
    expiresAt: null,
  })
  expect((await ask('GET', '')).body.entries.map(({ key }: { key: string }) => key)).toEqual(['a/b', 'n'])
  const { run } = await f.get('query ($id: ID!) { run(id: $id) { cache { key } } }', { id: runId })
  expect(run.cache).toHaveLength(2)
  expect((await ask('DELETE', '/entry?key=n')).body.entry).toMatchObject({ value: 'AAEC' })
  expect((await ask('GET', '/entry?key=n')).status).toBe(404)
  expect((await ask('DELETE', '/entry?key=n')).status).toBe(404)
})

it('says what is wrong with an entry', async () => {
  const wrong = await ask('PUT', '/entry?key=-', { value: 1, type: 'STRING' })
  expect([wrong.status, wrong.body.userErrors.map(({ path }: { path: string[] }) => path[0])]).toEqual([
    400,
    ['key', 'value'],
  ])
  const bodies = [{}, [], { value: null }, { value: 1, type: 'INT' }, { value: 1, expiresInSeconds: 1.5 }]
  for (const body of bodies) expect((await ask('PUT', '/entry?key=k', body)).status).toBe(400)
  expect((await ask('PUT', '/entry?key=k', { value: 'x'.repeat(1_048_574) })).status).toBe(200)
  expect((await ask('PUT', '/entry?key=k', { value: 'x'.repeat(1_048_575) })).status).toBe(400)
  expect((await ask('PUT', '/entry?key=k', { value: 'x'.repeat(2_000_000) })).status).toBe(413)
})

it('a token speaks for its own attempt alone, while that runs, and for nothing else', async () => {
  const forged = tokenOf().replace(/\.\d+\./, (fence) => `.${Number(fence.slice(1, -1)) + 1}.`)
  for (const token of [forged, tokenOf().slice(0, -1), `${tokenOf()}x`, '', f.admin]) {
    expect((await ask('GET', '', undefined, token)).status).toBe(401)
  }
  const later = f.services.taskTokens.issue({ ...attempt, fence: attempt.fence + 1 })
  expect((await ask('GET', '', undefined, later)).status).toBe(401)
  const api = await f.ask('{ viewer { id } }', { token: tokenOf() })
  expect(api.errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
  const result = { exitCode: null, errorMessage: null, cpuSeconds: null }
  const command = { type: 'ReportEnded', task: 'a', fence: attempt.fence, outcome: 'SUCCEEDED', result, output: null }
  const cause = { actor: node, correlationId: null, causationId: null, once: null }
  const id = newId('command')
  await f.services.bus.execute({ aggregate: 'run', command, id, streamId: runId, ...cause } as never)
  expect((await ask('GET', '')).status).toBe(401)
  expect((await ask('PUT', '/entry?key=k', { value: 1 })).status).toBe(401)
})
