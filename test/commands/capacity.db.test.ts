import { deletePool } from '../../src/commands/change-pools.js'
import { deleteQueue, updateQueue } from '../../src/commands/change-queues.js'
import type { Claimed } from '../../src/commands/claim.js'
import type { PoolId, ProjectId } from '../../src/domain/ids.js'
import type { PoolCommand } from '../../src/domain/pool/pool.js'
import type { QueueSettings } from '../../src/domain/queue/queue.js'
import { readRooms } from '../../src/projections/waiting/read-rooms.js'
import { checkJournal } from '../history/check-journal.js'
import { checkReplay } from '../projections/check-replay.js'
import {
  accepted,
  begin,
  claim,
  command,
  createPool,
  noops,
  publish,
  report,
  type Server,
  shell,
  World,
} from './world.js'

let world: World
let one: Server

beforeEach(async () => {
  world = await World.open()
  one = await world.server()
})

afterEach(async () => {
  try {
    await world.db.owner.query(
      'UPDATE queue_entry e SET queued_at = i.queued_at FROM instance i WHERE i.id = e.instance_id',
    )
    const { events } = await checkJournal(world.db.database)
    await checkReplay(world.db, events)
  } finally {
    await world.close()
  }
})

const tasks = (claimed: readonly Claimed[]) => claimed.map(({ taskKey }) => taskKey)
const runs = (claimed: readonly Claimed[]) => claimed.map(({ runId }) => runId)

async function idOf(noun: 'queue' | 'pool', name: string): Promise<string> {
  const [row] = await world.query<{ id: string }>(`SELECT id FROM ${noun} WHERE name = $1`, [name])
  return row!.id
}

async function setQueue(name: string, settings: Partial<QueueSettings>): Promise<void> {
  const update = { type: 'UpdateQueue', settings } as const
  accepted(await one.bus.execute(command({ aggregate: 'queue', command: update }, await idOf('queue', name))))
}

async function setPool(name: string, settings: Extract<PoolCommand, { type: 'UpdatePool' }>['settings']) {
  const update = { type: 'UpdatePool', settings } as const
  accepted(await one.bus.execute(command({ aggregate: 'pool', command: update }, await idOf('pool', name))))
}

async function end(claimed: readonly Claimed[]): Promise<void> {
  await Promise.all(claimed.map(async (each) => accepted(await one.bus.execute(report(each)))))
}

/** As if what waits had been queued two minutes earlier. */
async function age(): Promise<void> {
  await world.db.owner.query("UPDATE queue_entry SET queued_at = queued_at - interval '2 minutes'")
}

it('a paused queue and a paused pool start nothing, what runs goes on, and all others start', async () => {
  const machines = await createPool(one, 'default', { queues: { default: 10, other: 10 }, machines: { m: 10 } })
  const far = await createPool(one, 'far', { queues: { far: 10 }, machines: { f: 10 } })
  await begin(one, await publish(one, shell(2)))
  const running = await claim(one, 1, machines)
  await setQueue('default', { status: 'PAUSED' })
  await begin(one, await publish(one, shell(1, { queue: 'other' })))
  await begin(one, await publish(one, shell(1, { queue: 'far' })))
  expect(await claim(one, 5, machines)).toHaveLength(1)
  await setPool('far', { status: 'PAUSED' })
  expect(await claim(one, 5, [...machines, ...far])).toEqual([])
  await end(running)
  await setPool('far', { status: 'ACTIVE' })
  expect(await claim(one, 5, [...machines, ...far])).toHaveLength(1)
  await setQueue('default', { status: 'DRAINING' })
  expect(await claim(one, 5, machines)).toHaveLength(1)
})

it('a capacity lowered below use stops nothing, and nothing starts until less runs than it says', async () => {
  await createPool(one, 'default', { queues: { default: 4 } })
  await begin(one, await publish(one, noops(10)))
  const running = await claim(one, 10)
  expect(running).toHaveLength(4)
  await setQueue('default', { capacity: 2 })
  expect(await claim(one, 10)).toEqual([])
  await end(running.slice(0, 2))
  expect(await claim(one, 10)).toEqual([])
  await end(running.slice(2, 3))
  expect(await claim(one, 10)).toHaveLength(1)
})

it('a queue takes the work of its projects only, and of a project that is taken from it nothing more', async () => {
  await createPool(one, 'default', { queues: { default: 10 } })
  const [mine, theirs] = [await publish(one, noops(2)), await publish(one, noops(2))]
  await setQueue('default', { projectIds: [mine.projectId] })
  const [run] = [await begin(one, mine), await begin(one, theirs)]
  expect(runs(await claim(one, 1))).toEqual([run])
  await setQueue('default', { projectIds: ['project_other' as ProjectId] })
  expect(await claim(one, 10)).toEqual([])
  await setQueue('default', { projectIds: [] })
  expect(await claim(one, 10)).toHaveLength(3)
})

it('a queue that moves to another pool takes its load along, and what names a machine still goes there', async () => {
  const [m] = await createPool(one, 'default', { cpu: 4, queues: { default: 10 }, machines: { m: 10 } })
  const [f] = await createPool(one, 'far', { cpu: 4, machines: { f: 10 } })
  const wish = { resources: { cpu: 2 } }
  await begin(one, await publish(one, shell(3, { ...wish, machine: 'm' })))
  expect(await claim(one, 10, [m!, f!])).toHaveLength(2)
  await setQueue('default', { poolId: (await idOf('pool', 'far')) as PoolId })
  await begin(one, await publish(one, shell(1, wish)))
  // The two that run hold all of the new pool's cpu.
  expect(await claim(one, 10, [m!, f!])).toEqual([])
  await setPool('far', { totalCpu: 8 })
  const started = await claim(one, 10, [m!, f!])
  expect(started.map(({ machineId }) => machineId).sort()).toEqual([m!.id, f!.id].sort())
})

it('a machine that moves to another pool takes the work of that one, and of the old one only what names it', async () => {
  const [m] = await createPool(one, 'default', { queues: { default: 10 }, machines: { m: 10 } })
  await createPool(one, 'far', { queues: { far: 10 } })
  const [near, far] = [await publish(one, shell(1)), await publish(one, shell(1, { queue: 'far' }))]
  const [first, second] = [await begin(one, near), await begin(one, far)]
  expect(runs(await claim(one, 10, [m!]))).toEqual([first])
  const settings = { poolId: (await idOf('pool', 'far')) as PoolId }
  const update = { type: 'UpdateMachine', settings, keyFingerprint: null, hostKeyFingerprint: null } as const
  accepted(await one.bus.execute(command({ aggregate: 'machine', command: update }, m!.id)))
  await begin(one, near)
  const named = await begin(one, await publish(one, shell(1, { machine: 'm' })))
  expect(runs(await claim(one, 10, [m!])).sort()).toEqual([second, named].sort())
})

it('a pool that something was put into meanwhile stays, and so does a queue', async () => {
  await createPool(one, 'default', { queues: { default: 10, used: 10 }, machines: { m: 1 } })
  await createPool(one, 'free', {})
  await begin(one, await publish(one, noops(1, { queue: 'used' })))
  // As if whoever looked before had looked too early.
  const remove = (id: string, change: ReturnType<typeof deletePool>) =>
    one.bus.execute(command(change.command, id, change.beside === undefined ? {} : { beside: change.beside }))
  const [pool, free, used] = [await idOf('pool', 'default'), await idOf('pool', 'free'), await idOf('queue', 'used')]
  await expect(remove(used, deleteQueue(used, 'used'))).rejects.toMatchObject({ constraint: 'queue_in_use' })
  await setQueue('used', { poolId: free as PoolId })
  await expect(remove(free, deletePool(free))).rejects.toMatchObject({ constraint: 'pool_in_use' })
  await setQueue('used', { poolId: pool as PoolId })
  accepted(await remove(free, deletePool(free)))
  const late = updateQueue(used, { poolId: free as PoolId })
  const moved = one.bus.execute(command(late.command, used, { beside: late.beside! }))
  await expect(moved).rejects.toMatchObject({ constraint: 'pool_in_use' })
})

it('thousands of one project keep another waiting for one end, also where there is room for one only', async () => {
  await createPool(one, 'default', { queues: { default: 1 } })
  await begin(one, await publish(one, noops(1_000)))
  const first = await claim(one, 1)
  const late = await begin(one, await publish(one, noops(2)))
  const other = await world.server()
  await end(first)
  const second = await claim(one, 1)
  expect(runs(second)).toEqual([late])
  await end(second)
  const third = await claim(one, 1)
  expect(runs(third)).not.toEqual([late])
  await end(third)
  // Another process remembers nothing: rank decides, once.
  const fourth = await claim(other, 1)
  expect(runs(fourth)).not.toEqual([late])
  await end(fourth)
  expect(runs(await claim(other, 1))).toEqual([late])
})

it('projects share a queue equally, also where a dispatcher takes few at a time', async () => {
  await createPool(one, 'default', { queues: { default: 12 } })
  const [a, b, c] = await Promise.all([1, 2, 3].map(async () => begin(one, await publish(one, noops(50)))))
  const claimed: Claimed[] = []
  for (let round = 0; round < 6; round += 1) claimed.push(...(await claim(one, 2)))
  const counts = [a, b, c].map((run) => claimed.filter(({ runId }) => runId === run).length)
  expect(counts).toEqual([4, 4, 4])
})

it('what has waited a minute for cpu or memory has its room kept: others of its pool start only beside it', async () => {
  const machines = await createPool(one, 'default', { cpu: 4, queues: { default: 100 }, machines: { m: 50 } })
  const far = await createPool(one, 'far', { cpu: 4, queues: { far: 100 }, machines: { f: 50 } })
  const small = await publish(one, shell(20, { resources: { cpu: 1 } }))
  await begin(one, small)
  const running = [...(await claim(one, 3, machines))]
  const large = await begin(one, await publish(one, shell(1, { resources: { cpu: 4 } })))
  // It is not overdue yet: the next small one takes what is left.
  running.push(...(await claim(one, 1, machines)))
  await begin(one, await publish(one, shell(1)))
  await begin(one, await publish(one, shell(1, { queue: 'far', resources: { cpu: 1 } })))
  await age()
  await end(running.slice(0, 2))
  const beside = await claim(one, 10, [...machines, ...far])
  expect(tasks(beside).sort()).toEqual(['s0', 's0'])
  await end(running.slice(2))
  expect(runs(await claim(one, 1, machines))).toEqual([large])
})

it('no room is kept for what no machine could take', async () => {
  const machines = await createPool(one, 'default', { cpu: 4, queues: { default: 100 }, machines: { m: 2, full: 1 } })
  await begin(one, await publish(one, shell(1, { machine: 'full', resources: { cpu: 1 } })))
  expect(await claim(one, 1, machines)).toHaveLength(1)
  await begin(one, await publish(one, shell(1, { machine: 'full', resources: { cpu: 4 } })))
  await begin(one, await publish(one, shell(1, { labels: ['nowhere'], resources: { cpu: 4 } })))
  await begin(one, await publish(one, shell(2, { resources: { cpu: 1 } })))
  await age()
  expect(await claim(one, 10, machines)).toHaveLength(2)
  const wish = { projectId: 'project_1', queue: 'default', placement: '', cpu: 2, memoryBytes: 0 }
  const { queues } = await readRooms(world.db.database.pool, [wish])
  expect(queues.get('default')?.pool).toMatchObject({ freeCpu: 1, kept: null })
})

it('a pool that has shrunk below a wish hides nothing behind it, and starts it when it has grown', async () => {
  const machines = await createPool(one, 'default', { cpu: 8, queues: { default: 100 }, machines: { m: 50 } })
  const large = await begin(one, await publish(one, shell(30, { resources: { cpu: 8 } })))
  await setPool('default', { totalCpu: 4 })
  await begin(one, await publish(one, shell(1, { resources: { cpu: 1 } })))
  await age()
  const [small] = await claim(one, 1, machines)
  expect(small?.runId).not.toBe(large)
  await setPool('default', { totalCpu: 9 })
  expect(runs(await claim(one, 1, machines))).toEqual([large])
})
