/**
 * `size` no-op instances, ready before the dispatcher starts, in runs of 1,000. The rate is from the dispatcher's first
 * claim being handed in to the last end being durable, with everything kept: four events an instance, its row, its
 * attempt, all checked afterwards.
 */
import pg from 'pg'
import { finish, task, withResolvers } from '../lib/measure.mjs'
import { profiled } from '../lib/profiled.mjs'
import { checkJournal, countRows, expectCounts } from './check-journal.mjs'
import { observedBus } from './observed-bus.mjs'
import { openServer, startDispatcher } from './server.mjs'
import { definitionOf, prepareProject, publish } from './workload.mjs'

const RUN = 1_000

const { url, size, profileFile } = task()
const server = await openServer(url)
const requestRun = await publish(server.bus, await prepareProject(server.bus), definitionOf('wide', RUN, false))
for (let run = 0; run < size / RUN; run += 1) await requestRun()
await vacuum()

const { promise: drained, resolve } = withResolvers()
let ended = 0
let claims = 0
const bus = observedBus(server.bus, {
  onClaimed: () => (claims += 1),
  onEnded: () => ++ended === size && resolve(),
})
const seconds = await profiled(url, profileFile, drain)
await server.bus.drained()
await check()
finish({ rate: size / seconds }, { claims, seconds })

async function drain() {
  const begin = performance.now()
  await startDispatcher(server, bus)
  await drained
  return (performance.now() - begin) / 1_000
}

/** As autovacuum does within its minute; the peers' tables get the same. */
async function vacuum() {
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  await owner.query('VACUUM ANALYZE')
  await owner.end()
}

async function check() {
  const { reads } = server
  const events = await checkJournal(reads)
  const perInstance = Object.entries(events).filter(([type]) => type.startsWith('Instance'))
  const four = ['InstanceQueued', 'InstanceDispatched', 'InstanceStarted', 'InstanceSucceeded']
  expectCounts('Events', Object.fromEntries(perInstance), Object.fromEntries(four.map((type) => [type, size])))
  const byStatus = (table) => countRows(reads, `SELECT status AS name, count(*) FROM ${table} GROUP BY status`)
  expectCounts('Instances', await byStatus('instance'), { SUCCEEDED: size })
  expectCounts('Attempts', await byStatus('attempt'), { SUCCEEDED: size })
  expectCounts('Runs', await byStatus('run'), { SUCCEEDED: size / RUN })
  const left = await countRows(
    reads,
    `SELECT 'waiting' AS name, count(*) FROM queue_entry UNION ALL SELECT 'holding', count(*) FROM queue_hold`,
  )
  expectCounts('Left in the queue', left, { waiting: 0, holding: 0 })
}
