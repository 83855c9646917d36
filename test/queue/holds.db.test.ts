import type { MachineId, NodeId, RunId } from '../../src/domain/ids.js'
import { newId } from '../../src/platform/ids.js'
import { attemptKey, holdsOf, isHeld, orphans, stoppingHoldsOf, stranded } from '../../src/queue/holds.js'
import { recordContacts } from '../../src/queue/machine-contact.js'
import { endLeases, nodesOnHost, registerNode, renewLease } from '../../src/queue/node-lease.js'
import { dag, Scene } from '../dispatcher/scene.js'
import { requestRun } from '../helpers/runs.js'
import type { Wiring } from '../helpers/wiring.js'

let scene: Scene
let server: Wiring

beforeAll(async () => {
  scene = await Scene.open()
  server = await scene.server()
})

afterAll(() => scene.close())

async function node(hostIdentity?: string): Promise<NodeId> {
  const id = newId('node') as NodeId
  const process = { hostname: 'x', pid: 4711, pidStartedAt: '99', roles: ['dispatcher'], version: '0' }
  const info = { hostIdentity: hostIdentity ?? id, ...process }
  await registerNode(server.reads.pool, { id, ...info })
  return id
}

/** A run whose tasks this node has claimed: one on a machine, one in process. */
async function claimedBy(owner: NodeId): Promise<{ run: RunId; machine: MachineId }> {
  const [machine] = await server.reads.query<{ id: MachineId }>('SELECT id FROM machine')
  const run = await requestRun(server.bus, dag({ a: { run: 'true' }, b: { http: { url: 'http://localhost/' } } }))
  const machines = [{ id: machine!.id, name: 'local' }]
  expect(await server.bus.claim({ node: owner, machines, limit: 10 })).toHaveLength(2)
  return { run, machine: machine!.id }
}

const tasks = (holds: readonly { taskKey: string; runId: string }[], run: string) =>
  holds
    .filter((hold) => hold.runId === run)
    .map((hold) => hold.taskKey)
    .sort()

it('a node’s attempts are its own while its lease lasts, then everybody’s but its own', async () => {
  const [mine, other] = await Promise.all([node(), node()])
  const { run, machine } = await claimedBy(mine)
  const { pool } = server.reads
  expect(tasks(await holdsOf(pool, mine), run)).toEqual(['a', 'b'])
  expect(tasks(await orphans(pool, other, [machine], 10), run)).toEqual([])
  await scene.expire(mine)
  expect(tasks(await orphans(pool, other, [machine], 10), run)).toEqual(['a', 'b'])
  expect(tasks(await orphans(pool, other, [], 10), run)).toEqual(['b'])
  expect(tasks(await orphans(pool, mine, [machine], 10), run)).toEqual([])
  expect(await renewLease(pool, mine)).toBe(true)
  expect(tasks(await orphans(pool, other, [machine], 10), run)).toEqual([])
})

it('an attempt is stranded once nobody has reached its machine for a while, and said so once', async () => {
  const [mine, other] = await Promise.all([node(), node()])
  const { run, machine } = await claimedBy(mine)
  const { pool } = server.reads
  const { owner } = scene.db
  const found = async (reached: string[] = []) => tasks(await stranded(pool, other, reached, 10), run)
  const age = (ids: string[]) =>
    owner.query(
      `UPDATE node SET started_at = now() - interval '40 s', last_seen_at = now() - interval '40 s',
        lease_expires_at = now() - interval '25 s' WHERE id = ANY($1)`,
      [ids],
    )
  await age([mine, server.node])
  expect(await found()).toEqual([])
  await age([other])
  expect(await found()).toEqual(['a'])
  expect(await found([machine])).toEqual([])
  const neighbour = await node('host of the tests')
  expect(await found()).toEqual([])
  await age([neighbour])
  await recordContacts(pool, [{ machineId: machine, isReached: true, error: null }])
  expect(await found()).toEqual([])
  await owner.query("UPDATE machine_contact SET reached_at = reached_at - interval '40 s'")
  const fence = (await stranded(pool, other, [], 10))[0]?.fence as number
  await scene.ask(server, run, { type: 'ReportContactLost', task: 'a', fence, reason: 'x' })
  expect(await found()).toEqual([])
  const unknown = (await holdsOf(pool, mine)).filter(({ isUnknown }) => isUnknown)
  expect(tasks(unknown, run)).toEqual(['a'])
  await renewLease(pool, mine)
  await renewLease(pool, server.node)
})

it('what is to be stopped is told apart, and what is over is not held', async () => {
  const mine = await node()
  const { run } = await claimedBy(mine)
  const { pool } = server.reads
  expect(await stoppingHoldsOf(pool, mine)).toEqual([])
  await scene.ask(server, run, { type: 'CancelInstance', task: 'a', reason: null })
  const [stopping] = await stoppingHoldsOf(pool, mine)
  expect(stopping).toMatchObject({ taskKey: 'a', isStopping: true })
  const { instanceId, fence } = stopping!
  expect(attemptKey(stopping!)).toBe(`${instanceId}.${fence}`)
  expect([await isHeld(pool, instanceId, fence), await isHeld(pool, instanceId, fence + 1)]).toEqual([true, false])
  const result = { exitCode: null, errorMessage: null, cpuSeconds: null }
  await scene.ask(server, run, { type: 'ReportEnded', task: 'a', fence, outcome: 'STOPPED', result, output: null })
  expect(await isHeld(pool, instanceId, fence)).toBe(false)
  expect(tasks(await holdsOf(pool, mine), run)).toEqual(['b'])
})

it('a lease ends when it is given back, and cannot be renewed by who was forgotten', async () => {
  const id = await node()
  const { pool } = server.reads
  expect(await nodesOnHost(pool, id)).toEqual([{ id, pid: 4711, pidStartedAt: '99' }])
  await endLeases(pool, [id])
  expect(await nodesOnHost(pool, id)).toEqual([])
  expect(await renewLease(pool, newId('node'))).toBe(false)
})

it('a node is forgotten a day after its lease, but never while it holds something', async () => {
  const [idle, holding] = await Promise.all([node(), node()])
  await claimedBy(holding)
  const old = "UPDATE node SET lease_expires_at = now() - interval '2 days' WHERE id = ANY($1)"
  await scene.db.owner.query(old, [[idle, holding]])
  await renewLease(server.reads.pool, server.node)
  const left = await scene.db.owner.query('SELECT id FROM node WHERE id = ANY($1)', [[idle, holding]])
  expect(left).toEqual([{ id: holding }])
})
