import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { NodeId } from '../../src/domain/ids.js'
import { newId } from '../../src/platform/ids.js'
import { registerNode } from '../../src/queue/node-lease.js'
import { requestRun } from '../helpers/runs.js'
import { until } from '../helpers/until.js'
import type { Wiring } from '../helpers/wiring.js'
import { linesOf } from '../machines/attempts.js'
import { dag, Scene } from './scene.js'

let scene: Scene
let one: Wiring
let two: Wiring
let web: Server
let url: string
let waiting: ServerResponse[]

beforeAll(async () => {
  scene = await Scene.open()
  ;[one, two] = await Promise.all([scene.server(), scene.server()])
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

it('of two dispatchers that see the same orphans one takes each, and begins it once', async () => {
  const node = newId('node') as NodeId
  const host = { hostIdentity: 'x', hostname: 'x', pid: 1, pidStartedAt: '', roles: [], version: '0' }
  await registerNode(one.reads.pool, { id: node, ...host })
  const keys = Array.from({ length: 8 }, (_, index) => `t${index}`)
  const source = dag(Object.fromEntries(keys.map((key) => [key, { run: 'echo $DAGBOOK_TASK >> taken' }])))
  const run = await requestRun(one.bus, source)
  const machines = await one.reads.query<{ id: string; name: string }>('SELECT id, name FROM machine')
  expect(await one.bus.claim({ node, machines, limit: 100 })).toHaveLength(8)
  await scene.expire(node)
  one.dispatch()
  two.dispatch()
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect((await linesOf(path.join(scene.dir, 'taken'))).sort()).toEqual(keys)
  const reattached = (await scene.events(run)).filter(({ type }) => type === 'InstanceReattached')
  expect(reattached.map(({ data }) => data.task).sort()).toEqual(keys)
})

it('a server whose own lease has run out does not give up what it is doing', async () => {
  await two.rescuer.stop()
  const run = await requestRun(one.bus, dag({ t: { http: { url, method: 'POST' } } }))
  await until('the request', async () => waiting.length === 1)
  const [{ node_id: holder }] = (await scene.db.owner.query('SELECT node_id FROM queue_hold')) as [{ node_id: string }]
  const server = holder === one.node ? one : two
  await scene.expire(holder)
  await server.rescuer.runOnce()
  await server.rescuer.runOnce()
  waiting[0]?.end('ok')
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect(await scene.instances(run)).toMatchObject({ t: { attempt: 1 } })
  expect(waiting).toHaveLength(1)
})

it.each([
  { what: 'a renewal', afterMs: 3_100 },
  { what: 'a look for orphans', afterMs: 0 },
])('after an outage that $what waited out the others are late, not dead', async ({ afterMs }) => {
  const [three, four] = await Promise.all([scene.server(), scene.server()])
  await Promise.all([one.stop(), two.stop()])
  three.dispatch()
  const run = await requestRun(three.bus, dag({ t: { http: { url, method: 'POST' } } }))
  await until('the request', async () => waiting.length === 1)
  await four.rescuer.runOnce()
  await pause(afterMs)
  // Nobody can renew for seven seconds, and meanwhile the lease runs out.
  let lock: () => void = () => undefined
  const isLocked = new Promise<void>((resolve) => (lock = resolve))
  const outage = scene.db.owner.transaction(async (tx) => {
    await tx.query('LOCK TABLE node IN ACCESS EXCLUSIVE MODE')
    lock()
    await tx.query('SELECT pg_sleep(7)')
    await tx.query("UPDATE node SET lease_expires_at = now() - interval '1 second' WHERE id = $1", [three.node])
  })
  await isLocked
  await four.rescuer.runOnce()
  await outage
  await four.rescuer.runOnce()
  await until('the lease to be renewed', async () => {
    const lease = 'SELECT lease_expires_at > now() AS is_held FROM node WHERE id = $1'
    return (await scene.db.owner.query(lease, [three.node]))[0]?.is_held === true
  })
  waiting[0]?.end('ok')
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect(await scene.instances(run)).toMatchObject({ t: { attempt: 1 } })
  await Promise.all([three.stop(), four.stop()])
})
