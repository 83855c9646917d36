/**
 * Claims of ten, each reported at once, beside `size` instances that wait: `ready` ones, or `unserved` ones (in equal parts: of
 * a paused queue, for a machine that nobody reaches, for labels that no machine has, for cpu that is taken, for more cpu than
 * the pool has) with a thousand ready ones behind them, or ready ones in a database in which a snapshot of before them is held
 * open, after a fifth of them has been claimed. Measured: the claims alone, from the request to the answer.
 */
import pg from 'pg'
import { newId } from '../../dist/src/platform/ids.js'
import { finish, latency, task } from '../lib/measure.mjs'
import { openServer } from './server.mjs'
import { definitionOf, must, prepareProject, publish } from './workload.mjs'

const RUN = 1_000
const LIMIT = 10
const CLAIMS = 60
/** Claims that nobody measures: states are loaded and statements planned. */
const WARM_UP = 10

const { url, size, variant } = task()
const server = await openServer(url)
const { bus } = server
const node = newId('node')
const projectId = await prepareProject(bus)
const owner = new pg.Client({ connectionString: url })
await owner.connect()
if (variant === 'snapshot') await holdSnapshot()
if (variant === 'unserved') await fillUnserved(size)
await fill(variant === 'unserved' ? RUN : size, {})
await owner.query('VACUUM ANALYZE')
if (variant === 'snapshot') for (let claimed = 0; claimed < size / 5; claimed += 100) await claimAndEnd(100)
for (let at = 0; at < WARM_UP; at += 1) await claimAndEnd(LIMIT)
const durations = []
for (let at = 0; at < CLAIMS; at += 1) durations.push(await claimAndEnd(LIMIT))
await bus.drained()
await owner.end()
finish(latency(durations), { waiting: size, claims: CLAIMS })

/** How long the claim took, in ms; its instances have ended afterwards. */
async function claimAndEnd(limit) {
  const begin = performance.now()
  const claimed = await bus.claim({ node, machines: [], limit })
  const took = performance.now() - begin
  if (claimed.length !== limit) throw new Error(`Claimed ${claimed.length} of ${limit}`)
  const result = { exitCode: null, errorMessage: null, cpuSeconds: null }
  await Promise.all(
    claimed.map(({ runId, taskKey, fence }) =>
      must(bus, 'run', runId, {
        type: 'ReportEnded',
        task: taskKey,
        fence,
        outcome: 'SUCCEEDED',
        result,
        output: null,
      }),
    ),
  )
  return took
}

async function fill(count, task, more = {}) {
  const name = `dag${newId('dag').slice(-8)}`
  const definition = { ...definitionOf(name, Math.min(RUN, count), false, { noop: {}, ...task }), ...more }
  const requestRun = await publish(bus, projectId, definition)
  for (let filled = 0; filled < count; filled += RUN) await requestRun()
}

async function fillUnserved(count) {
  const [{ pool_id: poolId }] = (await owner.query('SELECT pool_id FROM queue')).rows
  const paused = newId('queue')
  await must(bus, 'queue', paused, { type: 'CreateQueue', name: 'paused', capacity: 10, priority: 0, poolId })
  await must(bus, 'queue', paused, { type: 'UpdateQueue', settings: { status: 'PAUSED' } })
  const shell = { noop: undefined, run: 'true' }
  const part = Math.ceil(count / 5 / RUN) * RUN
  await fill(part, { queue: 'paused' })
  await fill(part, { ...shell, machine: 'away' })
  await fill(part, { ...shell, labels: ['nowhere'] })
  await fill(part, { ...shell, resources: { cpu: 1.5 } })
  await fill(part, { ...shell, resources: { cpu: 64 } })
}

/** A reader that began before anything was queued, and does not end. */
async function holdSnapshot() {
  const reader = new pg.Client({ connectionString: url })
  await reader.connect()
  await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
  await reader.query('SELECT count(*) FROM queue_entry')
}
