/** pg-boss, which keeps a row of every job: `size` jobs drained by work() in batches of 100, ten at a time. */
import { PgBoss } from 'pg-boss'
import { counter, finish, task } from '../lib/measure.mjs'

const FILL = 1_000

const { url, size } = task()
const boss = new PgBoss({ connectionString: url, max: 20, schedule: false, supervise: false })
boss.on('error', (error) => console.error(error))
await boss.start()
await boss.createQueue('noop')
for (let from = 0; from < size; from += FILL) {
  await boss.insert(
    'noop',
    Array.from({ length: FILL }, (_, index) => ({ data: { i: from + index } })),
  )
}
const count = counter(size)
const settings = { batchSize: 100, localConcurrency: 10, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 }
await boss.work('noop', settings, async (jobs) => {
  for (const _ of jobs) count.tick()
})
await count.all
finish({ rate: count.rate() })
