/**
 * `size` tasks that run `true` on one host over SSH, for each width: the machine has that many slots. The rate is from the
 * run being asked for to the last end being durable, with everything kept, and output and end collected from the host.
 */
import { registerMachine } from '../../dist/src/commands/register-machine.js'
import { linearPattern } from '../../dist/src/definitions/linear-pattern.js'
import { ProcessEngine } from '../../dist/src/engines/process.js'
import { finish, task, withResolvers } from '../lib/measure.mjs'
import { profiled } from '../lib/profiled.mjs'
import { startSshd } from '../lib/sshd.mjs'
import { checkJournal, countRows, expectCounts } from './check-journal.mjs'
import { observedBus } from './observed-bus.mjs'
import { openServer, startDispatcher } from './server.mjs'
import { definitionOf, must, prepareProject, publish } from './workload.mjs'

const WIDTHS = [1, 8, 32]
const WARM_UP = 5

const { url, size, profileFile } = task()
const sshd = await startSshd()
const server = await openServer(url)
const projectId = await prepareProject(server.bus)
let waiting = { left: 0, done: () => undefined }
const bus = observedBus(server.bus, { onEnded: () => --waiting.left === 0 && waiting.done() })
const fleet = await startDispatcher(server, bus, { shell: new ProcessEngine(linearPattern) })
const machineId = await addMachine()
const warmUp = await publish(server.bus, projectId, tasksOf('warm-up', WARM_UP))
const tasks = await publish(server.bus, projectId, tasksOf('tasks', size))
const measures = {}
for (const width of WIDTHS) {
  await must(server.bus, 'machine', machineId, update({ slots: width }))
  await run(warmUp, WARM_UP)
  const seconds = await profiled(url, width === WIDTHS.at(-1) ? profileFile : null, () => run(tasks, size))
  measures[`rate${width}`] = size / seconds
}
await check()
sshd.stop()
finish(measures)

function tasksOf(name, count) {
  return definitionOf(name, count, false, { run: 'true', machine: 'far' })
}

function update(settings) {
  return { type: 'UpdateMachine', settings, keyFingerprint: null, hostKeyFingerprint: null }
}

async function addMachine() {
  const [{ id: poolId }] = await server.reads.query("SELECT id FROM pool WHERE name = 'default'")
  const settings = { poolId, slots: 1, labels: [], allowedRunUsers: [], projectIds: [], isDraining: false }
  const machine = { name: 'far', ...sshd, knownHosts: null, settings }
  const body = await registerMachine(machine, server.encryption, new Date())
  await must(server.bus, 'machine', body.streamId, body.command.command, body.beside)
  while (fleet.offered.length < 2) await new Promise((resolve) => setTimeout(resolve, 20))
  return body.streamId
}

async function run(request, count) {
  const { promise, resolve } = withResolvers()
  waiting = { left: count, done: resolve }
  const begin = performance.now()
  await request()
  await promise
  return (performance.now() - begin) / 1_000
}

async function check() {
  const all = WIDTHS.length * (size + WARM_UP)
  await server.bus.drained()
  const { InstanceDispatched, InstanceStarted, InstanceSucceeded } = await checkJournal(server.reads)
  expectCounts(
    'Events',
    { InstanceDispatched, InstanceStarted, InstanceSucceeded },
    { InstanceDispatched: all, InstanceStarted: all, InstanceSucceeded: all },
  )
  const attempts = await countRows(
    server.reads,
    'SELECT status AS name, count(*) FROM attempt WHERE machine_id IS NOT NULL GROUP BY status',
  )
  expectCounts('Attempts', attempts, { SUCCEEDED: all })
}
