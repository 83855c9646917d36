import { drive } from '../../helpers/drive.js'
import { type Flow, openFlow } from '../../helpers/flow.js'

let f: Flow
let runId: string
const ids: Record<string, string> = {}

beforeAll(async () => {
  f = await openFlow()
  const dagId = await f.publish(await f.project('curves'), 'name: a\ntasks:\n  a: { noop: {} }\n  b: { noop: {} }\n')
  runId = await f.trigger(dagId)
  await drive(f.services.bus)
  const { run } = await f.get('query ($id: ID!) { run(id: $id) { instances { nodes { id taskKey } } } }', { id: runId })
  for (const { id, taskKey } of run.instances.nodes) ids[taskKey] = id
  await fill(ids.a ?? '', 1, 1_000)
  await fill(ids.b ?? '', 1, 3)
  await fill(ids.b ?? '', 2, 2)
})
afterAll(() => f.close(), 60_000)

/** Sample n has n percent of cpu and n MB, but for one peak in the middle. */
async function fill(instanceId: string, attempt: number, count: number): Promise<void> {
  await f.db.owner.query(
    `INSERT INTO metric_sample (instance_id, attempt, uptime, recorded_at, covered_ms, cpu_percent, memory_bytes, threads,
       processes, disk_read_bytes, disk_write_bytes, host_cpus, host_memory_bytes, host_available_bytes)
     SELECT $1, $2, n * 500, timestamptz '2026-01-01Z' + n * interval '5 seconds', 5000, CASE WHEN n = 501 THEN 9999 ELSE n END,
       n * 1000000, 1, 1, NULL, n, 4, 1000, 750 FROM generate_series(1, $3::integer) AS n`,
    [instanceId, attempt, count],
  )
}

const METRICS = `query ($id: ID!, $n: Int, $attempt: Int) { instance(id: $id) { metrics(attempt: $attempt, maxPoints: $n) {
  recordedAt cpuPercent cpuCount memoryMb memoryPercent memoryAvailableMb diskReadMb diskWriteMb activeThreads activeProcesses } } }`

async function metrics(variables: Record<string, unknown>) {
  return (await f.get(METRICS, variables)).instance.metrics as Record<string, number>[]
}

it('every sample is a point where there are no more of them than asked for', async () => {
  const points = await metrics({ id: ids.b, attempt: 1 })
  expect(points.map(({ memoryMb }) => memoryMb)).toEqual([1, 2, 3])
  expect(points[0]).toEqual({
    recordedAt: '2026-01-01T00:00:05.000Z',
    cpuPercent: 1,
    cpuCount: 4,
    memoryMb: 1,
    memoryPercent: 25,
    memoryAvailableMb: 0.00075,
    diskReadMb: null,
    diskWriteMb: 0.000001,
    activeThreads: 1,
    activeProcesses: 1,
  })
  expect(await metrics({ id: ids.b, attempt: 2 })).toHaveLength(2)
  expect(await metrics({ id: ids.b, attempt: 3 })).toEqual([])
})

it('fewer points keep their order, the end and the peaks', async () => {
  const points = await metrics({ id: ids.a, n: 10 })
  expect(points.map(({ memoryMb }) => memoryMb)).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000])
  expect(points.map(({ cpuPercent }) => cpuPercent)).toEqual([100, 200, 300, 400, 500, 9_999, 700, 800, 900, 1_000])
  expect(points.at(-1)?.recordedAt).toBe('2026-01-01T01:23:20.000Z')
  expect(await metrics({ id: ids.a, n: null })).toHaveLength(500)
  expect(await metrics({ id: ids.a, n: 1 })).toHaveLength(1)
})

it('says no to fewer than one point, and to more than an operation may cost', async () => {
  const refused = await f.ask(METRICS, { variables: { id: ids.a, n: 0 }, token: f.admin })
  expect(refused.errors[0]?.message).toContain('maxPoints must be 1 or more, given 0')
  const page = 'query ($id: ID!) { run(id: $id) { instances(first: 1000) { nodes { metrics { cpuPercent } } } } }'
  const dear = await f.ask(page, { variables: { id: runId }, token: f.admin })
  expect(dear.errors[0]?.extensions?.code).toBe('COST_LIMIT_EXCEEDED')
})

it('a page of instances has the samples of each', async () => {
  const page =
    'query ($id: ID!) { run(id: $id) { instances { nodes { taskKey metrics(maxPoints: 5) { memoryMb } } } } }'
  const { run } = await f.get(page, { id: runId })
  const counts = run.instances.nodes.map((node: { taskKey: string; metrics: object[] }) => [
    node.taskKey,
    node.metrics.length,
  ])
  expect(counts).toEqual([
    ['a', 5],
    ['b', 3],
  ])
})

it('a stranger sees nothing of it', async () => {
  const { token } = await f.makeUser('stranger')
  expect((await f.get(METRICS, { id: ids.a }, token)).instance).toBe(null)
})
