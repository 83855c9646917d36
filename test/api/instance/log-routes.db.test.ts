import { byteRange } from '../../../src/api/instance/byte-range.js'
import { drive } from '../../helpers/drive.js'
import { type Flow, openFlow } from '../../helpers/flow.js'

let f: Flow
let instanceId: string
let bytes: Buffer
beforeAll(async () => {
  f = await openFlow()
  const dagId = await f.publish(await f.project('logs'), 'name: a\ntasks:\n  a: { noop: {} }\n')
  const runId = await f.trigger(dagId)
  await drive(f.services.bus)
  const { run } = await f.get('query ($id: ID!) { run(id: $id) { instance(taskKey: "a") { id } } }', { id: runId })
  instanceId = run.instance.id
  bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 7919) % 256))
  const size = 200_000
  for (let at = 0, n = 0; at < bytes.length; at += size, n += 1) {
    await f.db.owner.query(
      `INSERT INTO output_chunk (instance_id, attempt, byte_offset, stream, stream_offset, bytes, recorded_at)
       VALUES ($1, 1, $2, 'STDOUT', $3, $4, now()), ($1, 1, $5, 'STDERR', $6, 'x', now())`,
      [instanceId, at + n, at, bytes.subarray(at, at + size), at + n + Math.min(size, bytes.length - at), n],
    )
  }
})
afterAll(() => f.close(), 60_000)

async function load(path: string, headers: Record<string, string> = {}, token = f.admin) {
  const authorization = token === '' ? {} : { authorization: `Bearer ${token}` }
  const response = await f.api.app.inject({ method: 'GET', url: path, headers: { ...authorization, ...headers } })
  return { status: response.statusCode, body: response.rawPayload, headers: response.headers }
}

test('the bytes come back as they were collected, whole and in ranges', async () => {
  const path = `/logs/${instanceId}/1/stdout`
  const whole = await load(path)
  expect(whole.status).toBe(200)
  expect(whole.body.equals(bytes)).toBe(true)
  for (const [range, from, to] of [
    ['bytes=0-0', 0, 1],
    ['bytes=199999-400001', 199_999, 400_002],
    ['bytes=2999990-', 2_999_990, 3_000_000],
    ['bytes=-7', 2_999_993, 3_000_000],
  ] as const) {
    const part = await load(path, { range })
    expect(part.status).toBe(206)
    expect(part.headers['content-range']).toBe(`bytes ${from}-${to - 1}/3000000`)
    expect(part.body.equals(bytes.subarray(from, to))).toBe(true)
  }
  const beyond = await load(path, { range: 'bytes=3000000-' })
  expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */3000000'])
  expect((await load(`/logs/${instanceId}/1/stderr`)).body.toString()).toBe('x'.repeat(15))
})

test('who is not signed in, or no member, gets nothing; nor does a path that leads nowhere', async () => {
  const path = `/logs/${instanceId}/1/stdout`
  const { token } = await f.makeUser('stranger')
  expect((await load(path, {}, '')).status).toBe(401)
  expect((await load(path, {}, token)).status).toBe(404)
  expect((await load(`/logs/${instanceId}/1/system`)).status).toBe(404)
  expect((await load(`/logs/${instanceId}/0/stdout`)).status).toBe(404)
  expect((await load('/logs/instance_x/1/stdout')).status).toBe(404)
  const none = await load(`/logs/${instanceId}/2/stdout`)
  expect([none.status, none.body.length]).toEqual([200, 0])
})

test.each([
  [undefined, null],
  ['bytes=0-1,3-4', null],
  ['lines=0-1', null],
  ['bytes=-', null],
  ['bytes=5-2', null],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=0-99', { from: 0, to: 10 }],
  ['bytes=-99', { from: 0, to: 10 }],
])('the range %s of ten bytes', (header, expected) => {
  expect(byteRange(header, 10)).toEqual(expected)
})
