import type { Claimed } from '../../src/commands/claim.js'
import { checkJournal } from '../history/check-journal.js'
import { Writer } from '../history/writer.js'
import { checkReplay } from '../projections/check-replay.js'
import { begin, claim, createPool, noops, publish, type Server, shell, World } from './world.js'

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

const keys = (claimed: readonly Claimed[]) => claimed.map(({ taskKey }) => taskKey)

it('first come, first served; a step of priority is worth a minute; a queue’s priority counts for all in it', async () => {
  await createPool(one, 'default', { queues: { default: 100, urgent: { capacity: 100, priority: 1 } } })
  const older = await begin(one, await publish(one, noops(2)))
  const urgent = await begin(one, await publish(one, noops(1, { queue: 'urgent' })))
  const important = await begin(one, await publish(one, noops(1)), 2)
  const claimed = [...(await claim(one, 1)), ...(await claim(one, 1)), ...(await claim(one, 2))]
  expect(claimed.map(({ runId }) => runId)).toEqual([important, urgent, older, older])
})

it('a full queue with older entries hides no empty one', async () => {
  await createPool(one, 'default', { queues: { full: 1, empty: 5 } })
  await begin(one, await publish(one, noops(20, { queue: 'full' })))
  expect(await claim(one, 1)).toHaveLength(1)
  await begin(one, await publish(one, noops(1, { queue: 'empty' })))
  expect(keys(await claim(one, 1))).toEqual(['t0'])
})

it('a full machine hides no other, a full pool no other', async () => {
  const [m, n] = await createPool(one, 'default', { queues: { default: 100 }, machines: { m: 1, n: 1 } })
  await begin(one, await publish(one, shell(20, { machine: 'm' })))
  expect(await claim(one, 5, [m!, n!])).toHaveLength(1)
  await begin(one, await publish(one, shell(1, { machine: 'n' })))
  expect(await claim(one, 5, [m!, n!])).toHaveLength(1)
  const far = await createPool(one, 'far', { cpu: 1, queues: { far: 100 }, machines: { far: 100 } })
  await begin(one, await publish(one, shell(20, { queue: 'far', resources: { cpu: 1 } })))
  expect(await claim(one, 5, far)).toHaveLength(1)
  await begin(one, await publish(one, noops(1)))
  expect(await claim(one, 1, far)).toHaveLength(1)
})

it('what is larger than its whole pool does not stand in the way of what is not', async () => {
  const machines = await createPool(one, 'default', { cpu: 4, queues: { default: 100 }, machines: { m: 10 } })
  await begin(one, await publish(one, shell(5, { resources: { cpu: 64 } })))
  await begin(one, await publish(one, shell(1, { resources: { cpu: 4 } })))
  expect(await claim(one, 2, machines)).toHaveLength(1)
})

it('a run whose stream others always hold waits its turn after three skips', async () => {
  await createPool(one, 'default', { queues: { default: 100 } })
  const run = await begin(one, await publish(one, noops(1)))
  const holder = await Writer.open(world.db)
  await holder.begin()
  await holder.lock({ id: run, version: 0, hash: null })
  for (let skip = 0; skip < 3; skip += 1) expect(await claim(one, 1)).toEqual([])
  const waiting = claim(one, 1)
  expect(await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 50, 'waits'))])).toBe('waits')
  await holder.rollback()
  expect(await waiting).toHaveLength(1)
  await holder.session.end()
})
