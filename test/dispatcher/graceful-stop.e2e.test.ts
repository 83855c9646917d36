import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sized } from '../helpers/long.js'
import { requestRun } from '../helpers/runs.js'
import { until } from '../helpers/until.js'
import type { Wiring } from '../helpers/wiring.js'
import { dag, Scene } from './scene.js'

const MANY = sized(60, 24)

let scene: Scene
let web: Server
let url: string
let waiting: ServerResponse[]

beforeAll(async () => {
  scene = await Scene.open()
  web = createServer((_, response) => void waiting.push(response))
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`
})

beforeEach(() => {
  waiting = []
})

afterAll(async () => {
  web.closeAllConnections()
  await new Promise((resolve) => web.close(resolve))
  await scene.close()
})

const requests = (count: number) => until(`${count} requests`, async () => waiting.length === count)

it('a request that is under way gets the grace to end, and its end is stored', async () => {
  const server = await scene.server()
  server.dispatch()
  const run = await requestRun(
    server.bus,
    dag({ a: { http: { url, method: 'POST' } }, b: { needs: ['a'], run: 'true' } }),
  )
  await requests(1)
  const stopped = server.dispatcher.stop(10_000)
  // A claim that was under way may still bring work.
  await server.bus.drained()
  waiting[0]?.end('ok')
  await stopped
  await server.stop()
  expect(await scene.history(run, 'a')).toEqual([
    'InstanceQueued',
    'InstanceDispatched',
    'InstanceStarted',
    'InstanceSucceeded',
  ])
  expect(await scene.history(run, 'b')).toEqual(['InstanceQueued'])
  const next = await scene.server()
  next.dispatch()
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  await next.stop()
})

it('what takes longer than the grace is left, and the next server decides on it', async () => {
  const server = await scene.server()
  server.dispatch()
  const tasks = { get: { http: { url } }, long: { run: 'until [ -e go ]; do sleep 0.1; done' } }
  const run = await requestRun(server.bus, dag({ ...tasks, go: { needs: ['get'], run: ': > go' } }))
  await requests(1)
  await scene.status(run, 'long', 'RUNNING')
  await server.stop(100)
  await scene.expire(server.node)
  const next = await scene.server()
  next.dispatch()
  await requests(2)
  waiting[1]?.end('ok')
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect(await scene.instances(run)).toMatchObject({ get: { attempt: 2 }, long: { attempt: 1 } })
  expect(await scene.history(run, 'long')).toContain('InstanceReattached')
  await next.stop()
})

/** Stops the server at a later moment each time, and lets the next go on, until the run has ended. */
async function stopAgainAndAgain(first: Wiring, run: string): Promise<number> {
  let server = first
  for (let stops = 0; ; stops += 1) {
    server.dispatch()
    const isOver = await Promise.race([
      scene.ended(run).then(() => true),
      new Promise((resolve) => setTimeout(resolve, 20 + 20 * stops, false)),
    ])
    await server.stop(2_000)
    if (isOver) return stops
    await scene.expire(server.node)
    server = await scene.server()
  }
}

it('a server that is stopped amid many claims loses none of them', async () => {
  const tasks = Array.from({ length: MANY }, (_, index) => [`t${index}`, { run: 'echo x >> many' }])
  const server = await scene.server()
  const run = await requestRun(server.bus, dag(Object.fromEntries(tasks)))
  expect(await stopAgainAndAgain(server, run)).toBeGreaterThan(0)
  expect(Object.values(await scene.instances(run)).map(({ attempt }) => attempt)).toEqual(Array(MANY).fill(1))
})

it('requests that must not be repeated are each sent once, whenever the server is stopped', async () => {
  const answering = setInterval(() => {
    for (const response of waiting) if (!response.writableEnded) response.end('ok')
  }, 5)
  const post = { http: { url, method: 'POST' } }
  const tasks = Array.from({ length: MANY }, (_, n) => [`t${n}`, { ...post, needs: n < 10 ? [] : [`t${n - 10}`] }])
  const server = await scene.server()
  const run = await requestRun(server.bus, dag(Object.fromEntries(tasks)))
  expect(await stopAgainAndAgain(server, run)).toBeGreaterThan(0)
  clearInterval(answering)
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect(waiting).toHaveLength(MANY)
})
