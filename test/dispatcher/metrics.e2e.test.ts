import { chmod } from 'node:fs/promises'
import { requestRun } from '../helpers/runs.js'
import { registerSsh } from '../helpers/ssh-machines.js'
import { startSshd } from '../helpers/sshd.js'
import { until } from '../helpers/until.js'
import { plainLogin } from '../helpers/users.js'
import { dag, Scene } from './scene.js'

const SAMPLED = { sampleSeconds: 0.25 }

let scene: Scene

beforeEach(async () => {
  scene = await Scene.open()
})
afterEach(() => scene.close())

interface Sample {
  readonly instance_id: string
  readonly cpu_percent: number
  readonly memory_bytes: string
  readonly recorded_at: Date
  readonly uptime: string
}

function samplesOf(instanceId: string): Promise<Sample[]> {
  const sql = 'SELECT * FROM metric_sample WHERE instance_id = $1 AND attempt = 1 ORDER BY recorded_at'
  return scene.db.owner.query<Sample>(sql, [instanceId])
}

async function attemptOf(instanceId: string) {
  const [row] = await scene.db.owner.query('SELECT * FROM attempt WHERE instance_id = $1', [instanceId])
  return row as Record<string, number>
}

/** Ends once the file is there. */
const BUSY = 'while [ -d "$PWD" ] && [ ! -e go ]; do i=0; while [ $i -lt 5000 ]; do i=$((i+1)); done; done'

async function runningIn(run: string, task: string): Promise<string> {
  await scene.status(run, task, 'RUNNING')
  return (await scene.instances(run))[task]?.id ?? ''
}

it('the end of an attempt says what it used; its samples are stored, and those of no other', async () => {
  const server = await scene.server(SAMPLED)
  server.dispatch()
  const run = await requestRun(server.bus, dag({ busy: { run: BUSY }, idle: { noop: {} } }))
  const id = await runningIn(run, 'busy')
  await until('samples', async () => (await samplesOf(id)).length > 3)
  const release = await requestRun(server.bus, dag({ t: { run: 'touch go' } }))
  expect(await scene.ended(release)).toBe('SUCCEEDED')
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const { idle } = await scene.instances(run)
  expect(await samplesOf(idle?.id ?? '')).toEqual([])
  const attempt = await attemptOf(id)
  expect(attempt.average_cpu_percent).toBeGreaterThan(5)
  expect(attempt.peak_memory_mb).toBeGreaterThanOrEqual(attempt.average_memory_mb as number)
  expect(attempt.average_memory_mb).toBeGreaterThan(0.1)
  const events = (await scene.events(run)).filter(({ type }) => type === 'InstanceSucceeded')
  expect(events.map(({ data }) => [data.task, (data.usage as { peakMemoryMb?: number })?.peakMemoryMb]).sort()).toEqual(
    [
      ['busy', attempt.peak_memory_mb],
      ['idle', undefined],
    ],
  )
  // By this server's clock, between start and end.
  const [{ started_at, ended_at }] = (await scene.db.owner.query('SELECT * FROM attempt WHERE instance_id = $1', [
    id,
  ])) as [{ started_at: Date; ended_at: Date }]
  for (const { recorded_at } of await samplesOf(id)) {
    expect(recorded_at.getTime()).toBeGreaterThan(started_at.getTime() - 1_000)
    expect(recorded_at.getTime()).toBeLessThan(ended_at.getTime() + 1_000)
  }
})

it('a server that takes an attempt over goes on measuring it, and its end knows what was measured before', async () => {
  const hold = `x=$(head -c 60000000 /dev/zero | tr '\\0' x); x=''; ${BUSY}; true`
  const [one, two] = [await scene.server(SAMPLED), await scene.server(SAMPLED)]
  one.dispatch()
  const run = await requestRun(one.bus, dag({ t: { run: hold } }))
  const id = await runningIn(run, 't')
  const peak = async () => Math.max(0, ...(await samplesOf(id)).map(({ memory_bytes }) => Number(memory_bytes)))
  await until('the peak', async () => (await peak()) > 60e6)
  const before = await peak()
  await one.stop(0)
  await scene.expire(one.node)
  two.dispatch()
  const taken = (await samplesOf(id)).length
  await until('samples of the other', async () => (await samplesOf(id)).length > taken + 3)
  expect(await scene.ended(await requestRun(two.bus, dag({ t: { run: 'touch go' } })))).toBe('SUCCEEDED')
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect((await attemptOf(id)).peak_memory_mb).toBeGreaterThanOrEqual(Math.floor(before / 1e6))
  // Two servers would have been two curves: their covered times would add up to more than the attempt's life.
  const [{ covered, lived }] = (await scene.db.owner.query(
    `SELECT sum(least(covered_ms, (uptime - before) * 10))::float8 AS covered, (max(uptime) - min(uptime))::float8 * 10 + max(covered_ms) FILTER (WHERE before IS NULL) AS lived
     FROM (SELECT *, lag(uptime) OVER (ORDER BY uptime) AS before FROM metric_sample WHERE instance_id = $1) AS m`,
    [id],
  )) as [{ covered: number; lived: number }]
  expect(covered).toBeLessThanOrEqual(lived + 1_000)
})

it('a machine over SSH measures as this host does', async () => {
  const login = await plainLogin()
  await chmod(scene.dir, 0o777)
  const sshd = await startSshd({ login: login.name })
  try {
    const server = await scene.server(SAMPLED)
    await registerSsh(server.bus, server.reads, 'far', sshd)
    server.dispatch()
    const run = await requestRun(server.bus, dag({ t: { run: 'while :; do :; done', timeout: '5m', machine: 'far' } }))
    const id = await runningIn(run, 't')
    await until('a busy core', async () => (await samplesOf(id)).some(({ cpu_percent }) => cpu_percent > 5))
    await scene.ask(server, run, { type: 'CancelRun', reason: null })
    expect(await scene.ended(run)).toBe('CANCELED')
    expect((await attemptOf(id)).average_cpu_percent).toBeGreaterThan(5)
    await server.stop()
  } finally {
    await sshd.stop()
    await login.remove()
  }
})

it('samples that cannot be stored change nothing, nor does what cannot be read of them', async () => {
  await scene.db.owner.query('DROP TABLE metric_sample')
  const [one, two] = [await scene.server(SAMPLED), await scene.server(SAMPLED)]
  one.dispatch()
  const run = await requestRun(one.bus, dag({ t: { run: 'while [ -d "$PWD" ] && [ ! -e go ]; do sleep 0.1; done' } }))
  await runningIn(run, 't')
  await one.stop(0)
  await scene.expire(one.node)
  two.dispatch()
  expect(await scene.ended(await requestRun(two.bus, dag({ t: { run: 'sleep 1.5; touch go' } })))).toBe('SUCCEEDED')
  expect(await scene.ended(run)).toBe('SUCCEEDED')
})
