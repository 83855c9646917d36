import type { Claimed } from '../../src/commands/claim.js'
import { until } from '../helpers/until.js'
import { checkJournal } from '../history/check-journal.js'
import { Writer } from '../history/writer.js'
import { checkReplay } from '../projections/check-replay.js'
import {
  accepted,
  begin,
  claim,
  createPool,
  noops,
  ofRun,
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

const keys = (claimed: readonly Claimed[]) => claimed.map(({ taskKey }) => taskKey)

/** Tasks that are ready together, in no order of their names. */
const needing = (task: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`t${(at * 7) % count}`, { noop: {}, needs: [task] }]))

describe('a claim', () => {
  it('of what waits is an event, a hold and a fence: the version of its InstanceDispatched', async () => {
    await createPool(one, 'default', { queues: { default: 5 } })
    const run = await begin(one, await publish(one, noops(1)))
    const [claimed] = await claim(one, 5)
    expect(claimed).toMatchObject({ runId: run, taskKey: 't0', engine: 'noop', attempt: 1, fence: 4, machineId: null })
    expect(await world.query('SELECT instance_id, fence, node_id FROM queue_hold')).toEqual([
      { instance_id: claimed!.instanceId, fence: 4, node_id: one.node },
    ])
    expect(await world.query('SELECT FROM queue_entry')).toEqual([])
    expect(await claim(one, 5)).toEqual([])
  })

  it('joins the reports that wait: an end and the next start share a transaction', async () => {
    await createPool(one, 'default', { queues: { default: 5 } })
    await begin(one, await publish(one, noops(3, { isChained: true })))
    const [first] = await claim(one, 1)
    const [outcome, [second]] = await Promise.all([one.bus.execute(report(first!)), claim(one, 1)])
    expect(second?.taskKey).toBe('t1')
    const rows = await world.query<{ type: string; position: number; xmin: string }>(
      'SELECT type, position, xmin::text AS xmin FROM event WHERE position > $1 - 2 ORDER BY position',
      [accepted(outcome).position],
    )
    expect(rows.map(({ type }) => type)).toEqual(
      ['InstanceStarted', 'InstanceSucceeded', 'InstanceQueued', 'InstanceDispatched'].slice(-rows.length),
    )
    expect(new Set(rows.map(({ xmin }) => xmin)).size).toBe(1)
    expect(second?.fence).toBe(accepted(outcome).version + 1)
  })

  it('capacity released in the same group is usable at once, by what waited before and by what it has just queued', async () => {
    await createPool(one, 'default', { queues: { default: 2 }, cpu: 1 })
    const dag = await publish(one, noops(3))
    await begin(one, dag)
    const first = await claim(one, 10)
    expect(first).toHaveLength(2)
    expect(await claim(one, 10)).toEqual([])
    const [, next] = await Promise.all([one.bus.execute(report(first[0]!)), claim(one, 10)])
    expect(next).toHaveLength(1)
  })

  it('takes what a run has queued at one moment in the order of its file, also what the same group has queued', async () => {
    await createPool(one, 'default', { queues: { default: 12 } })
    await begin(one, await publish(one, { first: { noop: {} }, ...needing('first', 12) }))
    const [first] = await claim(one, 1)
    const [, begun] = await Promise.all([one.bus.execute(report(first!)), claim(one, 3)])
    const inFile = Object.keys(needing('first', 12))
    expect(keys(begun)).toEqual(inFile.slice(0, begun.length))
    const rest = await claim(one, 12 - begun.length)
    expect([...keys(begun), ...keys(rest)]).toEqual(inFile)
  })

  it('takes what waits of a run whose priority was raised first, and what that run queues after it', async () => {
    await createPool(one, 'default', { queues: { default: 5 } })
    const dag = await publish(one, { a: { noop: {} }, b: { noop: {}, priority: 2 }, c: { noop: {}, needs: ['a'] } })
    const [early, late] = [await begin(one, dag), await begin(one, dag)]
    const ranks = `SELECT e.task_key, (extract(epoch FROM e.queued_at - e.rank) * 1000)::float8 AS before FROM queue_entry e
      WHERE e.run_id = $1 ORDER BY e.task_key`
    // One event at a time.
    const replays = async () => checkReplay(world.db, (await checkJournal(world.db.database)).events, 1)
    await one.bus.execute(ofRun(late, { type: 'SetRunPriority', priority: 9, reason: null }))
    await one.bus.execute(ofRun(late, { type: 'RaiseRunPriority', by: 1, reason: 'late' }))
    await one.bus.execute(ofRun(late, { type: 'RaiseRunPriority', by: 1, reason: 'late' }))
    expect(await world.query(ranks, [late])).toEqual([
      { task_key: 'a', before: 11 * 60_000 },
      { task_key: 'b', before: 13 * 60_000 - 0.001 },
    ])
    await replays()
    const first = await claim(one, 2)
    expect(first.map(({ runId, taskKey }) => [runId === late, taskKey])).toEqual([
      [true, 'b'],
      [true, 'a'],
    ])
    // c is queued before the change, in its group.
    await Promise.all([
      one.bus.execute(report(first[1]!)),
      one.bus.execute(ofRun(late, { type: 'SetRunPriority', priority: -20, reason: null })),
    ])
    expect(await world.query(ranks, [late])).toEqual([{ task_key: 'c', before: -20 * 60_000 - 0.002 }])
    await replays()
    expect(await world.query('SELECT id = $1 AS late, priority FROM run ORDER BY late', [late])).toEqual([
      { late: false, priority: 0 },
      { late: true, priority: -20 },
    ])
    const rest = await claim(one, 5)
    expect(rest.map(({ runId }) => runId)).toEqual([early, early, late])
  })

  it('takes nothing of a paused or canceled run, and takes it up again when it resumes', async () => {
    await createPool(one, 'default', { queues: { default: 5 } })
    const run = await begin(one, await publish(one, noops(2)))
    await one.bus.execute(ofRun(run, { type: 'PauseRun' }))
    expect(await claim(one, 5)).toEqual([])
    await one.bus.execute(ofRun(run, { type: 'ResumeRun' }))
    expect(await claim(one, 1)).toHaveLength(1)
    await one.bus.execute(ofRun(run, { type: 'CancelRun', reason: null }))
    expect(await claim(one, 5)).toEqual([])
  })

  it('that competes with a cancel in the same group loses to it', async () => {
    await createPool(one, 'default', { queues: { default: 5 } })
    const run = await begin(one, await publish(one, noops(2)))
    const [, claimed] = await Promise.all([
      one.bus.execute(ofRun(run, { type: 'CancelRun', reason: null })),
      claim(one, 5),
    ])
    expect(claimed).toEqual([])
    expect(await world.query('SELECT status FROM run')).toEqual([{ status: 'CANCELED' }])
  })

  it('of a retry without delay takes the attempt that the same group has queued, with its own fence', async () => {
    await createPool(one, 'default', { queues: { default: 1 } })
    await begin(one, await publish(one, { t: { noop: {}, retry: { maxAttempts: 2 } } }))
    const [first] = await claim(one, 1)
    const [, [second]] = await Promise.all([one.bus.execute(report(first!, 'FAILED')), claim(one, 1)])
    expect(second).toMatchObject({ instanceId: first!.instanceId, attempt: 2 })
    expect(second!.fence).toBeGreaterThan(first!.fence)
    const late = accepted(await one.bus.execute(report(first!, 'FAILED')))
    expect(late.position).toBeNull()
  })
})

describe('room', () => {
  it('of cpu and memory in the pool, of slots on machines: nothing is given out twice', async () => {
    const machines = await createPool(one, 'default', {
      cpu: 1,
      memory: 1_000,
      queues: { default: 100 },
      machines: { m: 3 },
    })
    await begin(one, await publish(one, shell(20, { resources: { cpu: 0.1, memory: 10 } })))
    const claimed = await claim(one, 100, machines)
    expect(claimed).toHaveLength(3)
    await createPool(one, 'other', { queues: { other: 1 } })
    expect(await claim(one, 100, machines)).toEqual([])
  })

  it('tenths of a cpu add up: ten of them fit into one', async () => {
    const machines = await createPool(one, 'default', { cpu: 1, queues: { default: 100 }, machines: { m: 100 } })
    await begin(one, await publish(one, shell(20, { resources: { cpu: 0.1 } })))
    let count = 0
    for (let at = 0; at < 12; at += 1) count += (await claim(one, 1, machines)).length
    expect(count).toBe(10)
  })

  it('a machine takes what names it and what names none of its pool, nothing else', async () => {
    const machines = await createPool(one, 'default', { queues: { default: 100 }, machines: { m: 10, n: 10 } })
    await createPool(one, 'far', { queues: { far: 100 }, machines: { far: 10 } })
    const tasks = {
      a: { run: 'x', machine: 'm' },
      b: { run: 'x', machine: 'n' },
      c: { run: 'x' },
      d: { run: 'x', queue: 'far' },
      e: { noop: {} },
    }
    await begin(one, await publish(one, tasks))
    const onM = await claim(one, 100, [machines[0]!])
    expect(keys(onM).sort()).toEqual(['a', 'c', 'e'])
    expect(keys(await claim(one, 100, [machines[1]!]))).toEqual(['b'])
  })

  it('a task that names a machine of another pool takes one of its slots', async () => {
    const machines = await createPool(one, 'default', { queues: { default: 100 }, machines: { m: 2 } })
    await createPool(one, 'far', { queues: { far: 100 } })
    await begin(
      one,
      await publish(one, {
        ...shell(2),
        x: { run: 'x', queue: 'far', machine: 'm' },
        y: { run: 'x', queue: 'far', machine: 'm' },
      }),
    )
    expect(await claim(one, 100, machines)).toHaveLength(2)
    expect(await claim(one, 100, machines)).toEqual([])
  })

  it('is counted after every claim before it: a claim waits for those in its pools, and in its machines’ pools', async () => {
    const machines = await createPool(one, 'default', { queues: { default: 100 }, machines: { m: 2 } })
    await createPool(one, 'far', { queues: { far: 100 } })
    await begin(one, await publish(one, { x: { run: 'x', queue: 'far', machine: 'm' } }))
    const other = await Writer.open(world.db)
    await other.begin()
    await other.session.query(`SELECT FROM pool WHERE name = 'default' FOR UPDATE`)
    const claiming = claim(one, 1, machines)
    await until('the claim to wait', async () => {
      const rows = await world.db.owner.query('SELECT FROM pg_locks WHERE NOT granted')
      return rows.length > 0
    })
    await other.rollback()
    expect(await claiming).toHaveLength(1)
    await other.session.end()
  })
})
