import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { requestRun } from '../helpers/runs.js'
import type { Wiring } from '../helpers/wiring.js'
import { dag, Scene } from './scene.js'

let scene: Scene
let server: Wiring
let web: Server

beforeAll(async () => {
  scene = await Scene.open()
  server = await scene.server()
  server.dispatch()
  web = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ asked: request.url }))
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  web.closeAllConnections()
  await new Promise((resolve) => web.close(resolve))
  await scene.close()
})

it('a run goes through shell, script, http and noop, every step an event', async () => {
  await writeFile(path.join(scene.dir, 'double.sh'), 'echo "twice=$((2 * $1))" > "$DAGBOOK_OUTPUT"; echo done >&2\n')
  const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`
  const source = dag({
    count: { run: 'echo \'{"rows": 21}\' > "$DAGBOOK_OUTPUT"; echo counted' },
    double: { needs: ['count'], script: 'double.sh', arguments: ['21'] },
    tell: {
      needs: ['double'],
      http: { url, query: { twice: { $value: 'outputs["double"].twice' }, rows: { $value: 'outputs["count"].rows' } } },
    },
    end: { needs: ['tell'], noop: {} },
  })
  const run = await requestRun(server.bus, source)
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const events = await scene.events(run)
  expect(events.map(({ type, data }) => [type, data.task].filter(Boolean).join(' '))).toEqual([
    'RunRequested',
    'RunStarted',
    ...['count', 'double', 'tell'].flatMap((task) => [
      `InstanceQueued ${task}`,
      `InstanceDispatched ${task}`,
      `InstanceStarted ${task}`,
      `InstanceSucceeded ${task}`,
    ]),
    'InstanceQueued end',
    'InstanceDispatched end',
    'InstanceStarted end',
    'InstanceSucceeded end',
    'RunSucceeded',
  ])
  expect(events.map((event) => event.version)).toEqual(events.map((_, index) => index + 1))
  const { count, double, tell, end } = await scene.instances(run)
  expect(count).toMatchObject({ output: { rows: 21 }, exit_code: 0, attempt: 1 })
  expect(double).toMatchObject({ output: { twice: '42' }, exit_code: 0 })
  expect(tell).toMatchObject({ output: { status: 200, body: { asked: '/?twice=42&rows=21' } }, exit_code: null })
  expect(end).toMatchObject({ output: null })
  const started = events.filter((event) => event.type === 'InstanceStarted').map(({ data }) => data)
  expect(started).toMatchObject([
    { pid: expect.any(Number) },
    { pid: expect.any(Number) },
    { pid: null },
    { pid: null },
  ])
})

it('a failure tells its exit code or signal, and what comes after it fails with it', async () => {
  const source = dag({
    code: { run: 'exit 3' },
    signal: { run: 'kill -KILL $$' },
    prose: { run: 'echo some prose > "$DAGBOOK_OUTPUT"' },
    after: { needs: ['code', 'signal', 'prose'], run: 'true' },
  })
  const run = await requestRun(server.bus, source)
  expect(await scene.ended(run)).toBe('FAILED')
  expect(await scene.instances(run)).toMatchObject({
    code: { status: 'FAILED', exit_code: 3, error_message: 'Exited with code 3' },
    signal: {
      status: 'FAILED',
      exit_code: 137,
      error_message: expect.stringMatching(/^Ended by SIGKILL/),
    },
    prose: { status: 'FAILED', exit_code: 0, error_message: expect.stringContaining('line 1 is "some prose"') },
    after: { status: 'UPSTREAM_FAILED', attempt: 0 },
  })
})

it('a retry without a delay begins in the transaction that stored the failure', async () => {
  const source = dag({ t: { run: 'echo x >> tries; exit "$((DAGBOOK_ATTEMPT < 4))"', retry: { maxAttempts: 4 } } })
  const run = await requestRun(server.bus, source)
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const events = (await scene.events(run)).filter(({ type }) => /Failed|Dispatched/.test(type))
  expect(events.map(({ type }) => type.slice(8))).toEqual([
    ...['Dispatched', 'AttemptFailed', 'Dispatched', 'AttemptFailed', 'Dispatched', 'AttemptFailed', 'Dispatched'],
  ])
  const transactions = await scene.db.database.query<{ tx: string }>(
    'SELECT xmin::text AS tx FROM event WHERE stream_id = $1 AND version = ANY($2) ORDER BY version',
    [run, events.map(({ version }) => version)],
  )
  for (const [index, { type }] of events.entries()) {
    if (type === 'InstanceAttemptFailed') expect(transactions[index + 1]).toEqual(transactions[index])
  }
})
