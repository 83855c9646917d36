/**
 * One run that is a chain of `size` tasks, alone on the server. A hop is the time from one instance's start to the next
 * one's, as with the peers: the task does nothing, so it is the time from its end to the next start. In between lie the
 * report of the end and the decision what follows, and one durable transaction that holds the events InstanceStarted,
 * InstanceSucceeded, InstanceQueued and InstanceDispatched with everything projected from them.
 *
 *   noop     start: the dispatcher has been told that the instance is its own; it executes noops itself
 *   engine   start: an engine is called, with the assignment read from the tables, as for an http task
 */
import { finish, gaps, latency, task, withResolvers } from '../lib/measure.mjs'
import { profiled } from '../lib/profiled.mjs'
import { checkJournal, expectCounts } from './check-journal.mjs'
import { observedBus } from './observed-bus.mjs'
import { openServer, startDispatcher } from './server.mjs'
import { definitionOf, prepareProject, publish } from './workload.mjs'

const WARM_UP = 50
const NOTHING = { outcome: 'SUCCEEDED', result: { exitCode: null, errorMessage: null, cpuSeconds: null }, output: null }
const HTTP_TASK = { http: { url: 'http://127.0.0.1/' } }

const { url, variant, size, profileFile } = task()
const server = await openServer(url)
const projectId = await prepareProject(server.bus)
const starts = []
let ended = 0
let chain = { length: 0, done: () => undefined }
const bus = observedBus(server.bus, {
  onClaimed(claimed) {
    if (variant === 'noop') for (const { taskKey } of claimed) started(taskKey)
  },
  onEnded: () => ++ended === chain.length && chain.done(),
})
const engine = {
  async execute({ taskKey }) {
    started(taskKey)
    return NOTHING
  },
}
await startDispatcher(server, bus, { http: engine })
await runChain('warm', WARM_UP)
await profiled(url, profileFile, () => runChain('chain', size))
const counts = await checkJournal(server.reads)
expectCounts(
  'Succeeded',
  { instances: counts.InstanceSucceeded, runs: counts.RunSucceeded },
  { instances: WARM_UP + size, runs: 2 },
)
finish(latency(gaps(starts)), { hops: starts.length - 1 })

function started(taskKey) {
  if (taskKey !== `t${starts.length}`) throw new Error(`Task ${taskKey} started as number ${starts.length}`)
  starts.push(performance.now())
}

async function runChain(name, length) {
  const definition = definitionOf(name, length, true, variant === 'noop' ? { noop: {} } : HTTP_TASK)
  const requestRun = await publish(server.bus, projectId, definition)
  const { promise, resolve } = withResolvers()
  starts.length = 0
  ended = 0
  chain = { length, done: resolve }
  await requestRun()
  await promise
}
