import type { NodeId } from '../../../src/domain/ids.js'
import { newId } from '../../../src/platform/ids.js'
import { drive } from '../../helpers/drive.js'
import { type Flow, openFlow } from '../../helpers/flow.js'

let f: Flow
let projectId: string
let machines: { id: string; name: string }[]
beforeAll(async () => {
  f = await openFlow()
  projectId = await f.project('forecasts')
  const { machine } = await f.get('{ machine(name: "local") { id name } }')
  machines = [machine]
})
afterAll(() => f.close(), 60_000)

const SOURCE = `
name: forecast
tasks:
  a: { noop: {} }
  b: { noop: {}, needs: [a] }
  c: { noop: {}, needs: [a] }
  d: { noop: {}, needs: [b, c] }
`

/** What tasks took in a run: from when to when, in seconds from yesterday on. */
async function took(runId: string, times: Record<string, readonly [from: number, to: number]>): Promise<void> {
  for (const [task, [from, to]] of Object.entries(times)) {
    const sql = `UPDATE instance SET started_at = now() - interval '1 day' + make_interval(secs => $3),
      ended_at = now() - interval '1 day' + make_interval(secs => $4) WHERE run_id = $1 AND task_key = $2`
    await f.db.owner.query(sql, [runId, task, from, to])
  }
}

const forecast = async (id: string) => {
  const { run } = await f.get(
    'query ($id: ID!) { run(id: $id) { status estimatedRemainingSeconds criticalPath { taskKey } } }',
    { id },
  )
  return { ...run, criticalPath: run.criticalPath.map(({ taskKey }: { taskKey: string }) => taskKey) }
}

it('a run of a DAG is judged by the medians of its tasks in earlier runs, and an ended one has the path that it took', async () => {
  const dagId = await f.publish(projectId, SOURCE)
  const first = await f.trigger(dagId)
  expect(await forecast(first)).toMatchObject({ status: 'RUNNING', estimatedRemainingSeconds: null })
  for (const [at, b] of [10, 30, 20].entries()) {
    const runId = at === 0 ? first : await f.trigger(dagId)
    await drive(f.services.bus)
    await took(runId, { a: [0, 1], b: [1, 1 + b], c: [1, 6], d: [40, 42] })
    const isLong = { status: 'SUCCEEDED', estimatedRemainingSeconds: null, criticalPath: ['a', 'b', 'd'] }
    expect(await forecast(runId)).toEqual(isLong)
  }
  const open = await f.trigger(dagId)
  expect(await forecast(open)).toEqual({
    status: 'RUNNING',
    estimatedRemainingSeconds: 23,
    criticalPath: ['a', 'b', 'd'],
  })
  await f.change('pauseRun', 'PauseRunInput', { runId: open }, 'run { id }')
  expect(await forecast(open)).toMatchObject({ status: 'PAUSED', estimatedRemainingSeconds: null })
  await f.change('cancelRun', 'CancelRunInput', { runId: open }, 'run { id }')
})

it('elements of a list take their own time, one after the other where no more may, and their task none', async () => {
  const source = (files: number) =>
    `{"name":"lists","maxParallel":1,"tasks":{"a":{"noop":{},"forEach":[${Array(files).fill(1)}]},"z":{"noop":{},"needs":["a"]}}}`
  const first = await f.trigger(await f.publish(projectId, source(2)))
  await drive(f.services.bus)
  await took(first, { 'a[0]': [0, 10], 'a[1]': [10, 20], a: [0, 20], z: [20, 25] })
  expect((await forecast(first)).criticalPath).toEqual(['a[0]', 'a[1]', 'a', 'z'])
  const open = await f.trigger(await f.publish(projectId, source(3)))
  expect(await forecast(open)).toMatchObject({ status: 'RUNNING', estimatedRemainingSeconds: 35 })
  await f.change('cancelRun', 'CancelRunInput', { runId: open }, 'run { id }')
})

it('a batch is judged by what its scripts took in batches before, also under other names and in other company', async () => {
  const batch = async (paths: string[], input: object = {}) => {
    const scripts = paths.map((path) => ({ path }))
    const given = { projectId, name: 'b', mode: 'SEQUENTIAL', scripts, ...input }
    return (await f.change('runBatch', 'RunBatchInput', given, 'run { id }')).run.id
  }
  const before = await batch(['x/a.sh', 'x/b.sh'])
  expect((await forecast(before)).estimatedRemainingSeconds).toBeNull()
  await drive(f.services.bus, undefined, machines)
  await took(before, { a_sh: [0, 4], b_sh: [4.01, 10] })
  expect(await forecast(before)).toMatchObject({ status: 'SUCCEEDED', criticalPath: ['a_sh', 'b_sh'] })
  const half = (4 + 5.99) / 2
  const open = await batch(['x/b.sh', 'x/new.sh', 'x/a.sh'])
  expect((await forecast(open)).estimatedRemainingSeconds).toBeCloseTo(4 + 5.99 + half, 3)
  expect((await forecast(open)).criticalPath).toEqual(['b_sh', 'new_sh', 'a_sh'])
  // What has no machine to run on may still be one at a time.
  const wide = await batch(['x/a.sh', 'x/a.sh', 'x/a.sh'], { mode: 'PARALLEL', maxParallel: 2 })
  expect((await forecast(wide)).estimatedRemainingSeconds).toBeCloseTo(12, 3)
  // What was claimed has its slot, begun or not: two at once, and the third after them.
  expect(await f.services.bus.claim({ node: newId('node') as NodeId, machines, limit: 3 })).toHaveLength(3)
  expect((await forecast(wide)).estimatedRemainingSeconds).toBeCloseTo(8, 3)
})

it('many runs are judged in as many statements as one', async () => {
  const statements: string[] = []
  const { pool } = f.services.database
  const query = pool.query.bind(pool)
  const dagId = (await f.get('{ dag(project: "forecasts", name: "forecast") { id } }')).dag.id
  const counted = async (first: number) => {
    statements.length = 0
    pool.query = ((given: { text?: string } | string, ...more: unknown[]) => {
      statements.push(typeof given === 'string' ? given : (given.text ?? ''))
      return (query as (...args: unknown[]) => unknown)(given, ...more)
    }) as typeof pool.query
    try {
      await f.get(
        'query ($first: Int, $filter: RunFilter) { runs(first: $first, filter: $filter) { nodes { estimatedRemainingSeconds criticalPath { id } } } }',
        { first, filter: { dagId } },
      )
      // The viewer's own, and those of what follows the journal, come when they come.
      return statements.filter((text) => /\b(instance|task|machine|queue_hold)\b/.test(text)).length
    } finally {
      pool.query = query as typeof pool.query
    }
  }
  for (let runs = 0; runs < 5; runs += 1) await f.trigger(dagId)
  const few = await counted(2)
  expect([few, await counted(8)]).toEqual([few, few])
})
