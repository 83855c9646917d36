/**
 * graphile-worker, which deletes finished jobs.
 *   default       drains `size` jobs with its defaults, 24 jobs at a time
 *   local-queue   the same with its documented settings for speed: jobs fetched 500 at a time, completions in batches
 *   chain         a task adds the next one: the time from one start to the next, `size` hops
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Logger, makeWorkerUtils, run, runMigrations } from 'graphile-worker'
import { counter, finish, gaps, latency, task, withResolvers } from '../lib/measure.mjs'

const CONCURRENCY = { drain: 24, chain: 10 }
const BATCHING = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }
const FILL = 1_000
const WARM_UP = 50

const { url, variant, size } = task()
const logger = new Logger(() => () => undefined)
await runMigrations({ connectionString: url, logger })
const utils = await makeWorkerUtils({ connectionString: url, maxPoolSize: 10, logger })
if (variant === 'chain') await chain()
else await drain()

function start(concurrentJobs, settings, taskList) {
  const worker = { connectionString: url, concurrentJobs, maxPoolSize: concurrentJobs + 1, logger, ...settings }
  return run({ preset: { worker }, noHandleSignals: true, taskList })
}

async function drain() {
  for (let from = 0; from < size; from += FILL) {
    const jobs = Array.from({ length: FILL }, (_, index) => ({ identifier: 'noop', payload: { i: from + index } }))
    await utils.addJobs(jobs)
  }
  await utils.withPgClient((client) => client.query('VACUUM ANALYZE graphile_worker._private_jobs'))
  const count = counter(size)
  const settings = variant === 'local-queue' ? BATCHING : {}
  const runner = await start(CONCURRENCY.drain, settings, { noop: async () => count.tick() })
  await count.all
  await emptied()
  await runner.stop()
  finish({ rate: count.rate() })
}

/** Resolves when the last completions are stored, too. They come after the count: the rate is from start to start. */
async function emptied() {
  const COUNT = 'SELECT count(*)::integer AS left FROM graphile_worker._private_jobs'
  for (let tries = 0; tries < 500; tries += 1) {
    const { rows } = await utils.withPgClient((client) => client.query(COUNT))
    if (rows[0].left === 0) return
    await pause(20)
  }
  throw new Error('Jobs are left after 10 s')
}

async function chain() {
  const starts = []
  let left = 0
  let done = () => undefined
  await start(
    CONCURRENCY.chain,
    {},
    {
      chain: async (_, helpers) => {
        starts.push(performance.now())
        left -= 1
        if (left > 0) await helpers.addJob('chain', {})
        else done()
      },
    },
  )
  for (const length of [WARM_UP, size]) {
    const { promise, resolve } = withResolvers()
    starts.length = 0
    left = length
    done = resolve
    await utils.addJob('chain', {})
    await promise
  }
  finish(latency(gaps(starts)))
}
