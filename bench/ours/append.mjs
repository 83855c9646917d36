/**
 * Commands of 100 events each, eight streams at once, for `size` ms: every command requests a run of a DAG of 98 tasks
 * that are all ready, and is durable when it is answered: RunRequested, RunStarted and 98 InstanceQueued, each hashed
 * and chained, with all that is projected from them in the same transaction: the run's row, 98 rows of instances and 98
 * rows of the queue. Nothing dispatches. Journal and rows are checked afterwards.
 */
import { finish, ratePerSecond, task } from '../lib/measure.mjs'
import { profiled } from '../lib/profiled.mjs'
import { checkJournal, countRows, expectCounts } from './check-journal.mjs'
import { openServer } from './server.mjs'
import { definitionOf, prepareProject, publish } from './workload.mjs'

const STREAMS = 8
const TASKS = 98

const { url, size, profileFile } = task()
const server = await openServer(url)
const requestRun = await publish(server.bus, await prepareProject(server.bus), definitionOf('wide', TASKS, false))
let runs = 0
await append()
const rate = await profiled(url, profileFile, () => ratePerSecond(size, STREAMS, append))
const { InstanceQueued, RunRequested, RunStarted } = await checkJournal(server.reads)
expectCounts(
  'Events',
  { InstanceQueued, RunRequested, RunStarted },
  { InstanceQueued: runs * TASKS, RunRequested: runs, RunStarted: runs },
)
const rows = await countRows(
  server.reads,
  `SELECT 'run' AS name, count(*) FROM run UNION ALL SELECT 'instance', count(*) FROM instance
   UNION ALL SELECT 'queue_entry', count(*) FROM queue_entry`,
)
expectCounts('Rows', rows, { run: runs, instance: runs * TASKS, queue_entry: runs * TASKS })
finish({ rate }, { commands: runs })

async function append() {
  const { version } = await requestRun()
  runs += 1
  return version
}
