import { drive } from '../../helpers/drive.js'
import { type Flow, openFlow } from '../../helpers/flow.js'

let f: Flow
beforeAll(async () => {
  f = await openFlow()
})
afterAll(() => f.close(), 60_000)

test('queues, pools and machines show what is used, to whoever is signed in; instances only to members', async () => {
  const source =
    'name: a\ndefaults: { resources: { cpu: 0.5, memory: 10MB } }\ntasks:\n  a: { run: "true" }\n  b: { run: "true" }\n  n: { noop: {} }\n'
  const dagId = await f.publish(await f.project('capacity'), source)
  await f.trigger(dagId)
  const [machine] = await f.db.owner.query<{ id: string; name: string; poolId: string }>(
    'SELECT id, name, pool_id AS "poolId" FROM machine',
  )
  await drive(f.services.bus, ({ taskKey }) => (taskKey === 'n' ? {} : { outcome: null }), [machine!])
  const query = `{ queues { nodes { name status capacity currentLoad depth pool { name } running { totalCount nodes { taskKey } } pending { totalCount } } totalCount }
    pool(name: "default") { usedCpu usedMemoryMb totalCpu status queues { name } machines { name } }
    machines { nodes { name host status runningCount slots isDraining cpuCount memoryMb pool { name } running { nodes { taskKey } } pending { totalCount } } } }`
  const all = await f.get(query)
  expect(all.queues).toMatchObject({
    totalCount: 1,
    nodes: [{ name: 'default', status: 'OPEN', capacity: 1000, currentLoad: 2, depth: 0, pool: { name: 'default' } }],
  })
  expect(all.queues.nodes[0].running.nodes.map(({ taskKey }: { taskKey: string }) => taskKey).sort()).toEqual([
    'a',
    'b',
  ])
  expect(all.pool).toMatchObject({
    usedCpu: 1,
    usedMemoryMb: 20,
    status: 'ACTIVE',
    queues: [{ name: 'default' }],
    machines: [{ name: machine!.name }],
  })
  expect(all.machines.nodes).toMatchObject([{ runningCount: 2, status: 'OFFLINE', isDraining: false }])
  const { token } = await f.makeUser('guest')
  const guest = await f.get(query, {}, token)
  expect(guest.queues.nodes[0]).toMatchObject({ currentLoad: 2, running: { totalCount: 0, nodes: [] } })
  expect((await f.ask(query)).errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
})
