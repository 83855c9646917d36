import { scaled } from '../helpers/scale.js'
import { checkJournal } from '../history/check-journal.js'
import { checkReplay } from '../projections/check-replay.js'
import {
  accepted,
  begin,
  claim,
  createPool,
  drain,
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
    const { events } = await checkJournal(world.db.database)
    await checkReplay(world.db, events)
  } finally {
    await world.close()
  }
})

it('four buses that race never exceed a queue, a pool or a machine, and every instance is executed once', async () => {
  const machines = await createPool(one, 'default', {
    cpu: 2,
    queues: { default: 7 },
    machines: { m: 3, n: 2 },
  })
  // Of another pool, but its tasks name a machine of the first.
  await createPool(one, 'far', { queues: { small: 2 } })
  const servers = [one, ...(await Promise.all([world.server(), world.server(), world.server()]))]
  const tasks = {
    ...noops(15),
    ...shell(10, { resources: { cpu: 0.5 } }),
    ...Object.fromEntries(Array.from({ length: 5 }, (_, at) => [`q${at}`, { run: 'x', queue: 'small', machine: 'm' }])),
    last: { noop: {}, needs: ['t0', 's0'] },
  }
  const dag = await publish(one, tasks)
  const runs = scaled(6)
  for (let at = 0; at < runs; at += 1) await begin(one, dag)
  const total = runs * Object.keys(tasks).length
  const done = new Set<string>()
  const worker = async (server: Server) => {
    while (done.size < total) {
      const claimed = await claim(server, 4, machines)
      await Promise.all(
        claimed.map(async (each) => {
          expect(done.has(each.instanceId)).toBe(false)
          done.add(each.instanceId)
          accepted(await server.bus.execute(report(each)))
        }),
      )
      if (claimed.length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  await Promise.all(servers.map(worker))
  expect(await world.query('SELECT status, count(*) AS count FROM run GROUP BY 1')).toEqual([
    { status: 'SUCCEEDED', count: runs },
  ])
  await expectLimitsKept()
})

/** Follows the holds through the journal: how many there were at most after any event. */
async function expectLimitsKept(): Promise<void> {
  const rows = await world.query<{
    type: string
    task: string
    machine: string | null
    instance: string
    xid: string
  }>(`
    SELECT e.type, i.task_key AS task, e.data->>'machineId' AS machine, e.instance_id AS instance, e.xmin::text AS xid
    FROM event e JOIN instance i ON i.id = e.instance_id
    WHERE e.type IN ('InstanceDispatched', 'InstanceSucceeded') ORDER BY position`)
  const holding = new Map<string, { task: string; machine: string | null }>()
  const names = new Map(
    (await world.query<{ id: string; name: string }>('SELECT id, name FROM machine')).map(({ id, name }) => [id, name]),
  )
  const most = { default: 0, small: 0, m: 0, n: 0, cpu: 0 }
  const count = (test: (hold: { task: string; machine: string | null }) => boolean) =>
    [...holding.values()].filter(test).length
  for (const { type, task, machine, instance } of rows) {
    if (type === 'InstanceSucceeded') holding.delete(instance)
    else holding.set(instance, { task, machine: machine === null ? null : (names.get(machine) ?? null) })
    most.default = Math.max(
      most.default,
      count((hold) => !hold.task.startsWith('q')),
    )
    most.small = Math.max(
      most.small,
      count((hold) => hold.task.startsWith('q')),
    )
    most.m = Math.max(
      most.m,
      count((hold) => hold.machine === 'm'),
    )
    most.n = Math.max(
      most.n,
      count((hold) => hold.machine === 'n'),
    )
    most.cpu = Math.max(most.cpu, count((hold) => hold.task.startsWith('s')) * 0.5)
  }
  expect(holding.size).toBe(0)
  expect(most.default).toBeLessThanOrEqual(7)
  expect(most.small).toBeLessThanOrEqual(2)
  expect(most.m).toBeLessThanOrEqual(3)
  expect(most.n).toBeLessThanOrEqual(2)
  expect(most.cpu).toBeLessThanOrEqual(2)
}

it('a DAG of chains and fans is drained by two servers, each hop in one commit', async () => {
  await createPool(one, 'default', { queues: { default: 8 } })
  const two = await world.server()
  const tasks = {
    ...noops(10, { isChained: true }),
    fan: { noop: {}, needs: ['t3', 't7'] },
    end: { noop: {}, needs: ['fan', 't9'] },
  }
  const dag = await publish(one, tasks)
  await Promise.all(Array.from({ length: 4 }, () => begin(one, dag)))
  const counts = await Promise.all([drain(one), drain(two)])
  const rest = await drain(one)
  expect(counts[0]! + counts[1]! + rest).toBe(48)
})
