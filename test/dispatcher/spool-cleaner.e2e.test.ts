import { readdir, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { SpoolCleaner } from '../../src/dispatcher/spool-cleaner.js'
import { type AttemptRef, type Machine, MachineError } from '../../src/machines/machine.js'
import { silentLogger } from '../../src/platform/logger.js'
import { requestRun } from '../helpers/runs.js'
import { until } from '../helpers/until.js'
import { attemptOf, exitOf, firstLine, lives } from '../machines/attempts.js'
import { dag, Scene } from './scene.js'

const secretStore = { forgetLeft: async () => undefined }
const KEEP_MS = 3_600_000

let scene: Scene

beforeEach(async () => {
  scene = await Scene.open()
})
afterEach(() => scene.close())

const never = new AbortController().signal

/** A server that has just then lost contact when it should forget. */
function forgetful(local: Machine): Machine {
  const forget = () => Promise.reject(new MachineError('UNREACHABLE', 'contact was lost', true))
  return new Proxy(local, {
    get: (target, name) => {
      const value = name === 'forget' ? forget : Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

async function instancesOnHost(): Promise<string[]> {
  return (await readdir(scene.spoolDir)).filter((name) => !name.startsWith('.'))
}

/** As if nothing had been done in the spool for two hours, in which the host was restarted. */
async function age(): Promise<void> {
  const then = new Date(Date.now() - 2 * KEEP_MS)
  for (const name of await instancesOnHost()) {
    const folder = path.join(scene.spoolDir, name)
    const files = (await readdir(folder, { recursive: true })).map((file) => path.join(folder, file))
    for (const mark of files.filter((file) => path.basename(file) === 'gone')) await writeFile(mark, '')
    for (const file of [...files, folder]) await utimes(file, then, then).catch(() => {})
  }
}

it('forgets what ended and was collected, and later its mark; what no table has the end of stays for ever', async () => {
  const server = await scene.server({ machine: forgetful })
  server.dispatch()
  const go = path.join(scene.dir, 'go')
  const collected = await requestRun(server.bus, dag({ t: { run: 'echo hello' } }))
  const running = await requestRun(server.bus, dag({ t: { run: `until [ -e ${go} ]; do sleep 0.1; done` } }))
  expect(await scene.ended(collected)).toBe('SUCCEEDED')
  await scene.status(running, 't', 'RUNNING')
  const other = await scene.server()
  // Of a database that was lost since: nobody knows whether anybody has collected it.
  const unknown = attemptOf()
  await other.machine.start(unknown)
  await exitOf(other.machine, unknown)
  const spool = { machineId: 'machine_x', user: null, machine: other.machine }
  const hung = { machineId: 'machine_y', user: null, machine: hanging() }
  const stopping = new AbortController()
  const fleet = { spools: [hung, spool] }
  const cleaner = new SpoolCleaner({ fleet, secretStore, database: other.reads, keepMs: KEEP_MS, logger: silentLogger })
  await age()
  const round = cleaner.runOnce(stopping.signal)
  const { t } = await scene.instances(collected)
  const attempt: AttemptRef = { instanceId: t?.id as string, fence: t?.fence as number }
  const entry = path.join(scene.spoolDir, attempt.instanceId, String(attempt.fence))
  await until('it to be forgotten', async () => (await readdir(entry)).length === 2)
  // A host that hangs keeps no other from being cleaned, and no server from being stopped.
  stopping.abort()
  expect(await round).toBe(false)
  await age()
  const own = new SpoolCleaner({
    fleet: { spools: [spool] },
    secretStore,
    database: other.reads,
    keepMs: KEEP_MS,
    logger: silentLogger,
  })
  await own.runOnce(never)
  const { t: busy } = await scene.instances(running)
  expect((await instancesOnHost()).sort()).toEqual([unknown.instanceId, busy?.id as string].sort())
  expect(await other.machine.probe(unknown)).toMatchObject({ kind: 'EXITED' })
  await other.machine.start(attemptOf({ argv: ['touch', go] }))
  expect(await scene.ended(running)).toBe('SUCCEEDED')
})

it('stops what runs on though its end was decided by hand while its server was gone', async () => {
  const gone = await scene.server()
  gone.dispatch()
  const run = await requestRun(gone.bus, dag({ t: { run: 'echo $$ > pid; while :; do sleep 0.1; done' } }))
  const pid = await firstLine(path.join(scene.dir, 'pid'))
  const { t } = await scene.instances(run)
  await gone.stop()
  const other = await scene.server()
  const fence = t?.fence as number
  await scene.ask(other, run, { type: 'ReportContactLost', task: 't', fence, reason: 'its server is gone' })
  await scene.ask(other, run, { type: 'ForceInstance', task: 't', status: 'FAILED', reason: 'as it is' })
  await age()
  const fleet = { spools: [{ machineId: 'machine_x', user: null, machine: other.machine }] }
  const database = other.reads
  await new SpoolCleaner({ fleet, secretStore, database, keepMs: KEEP_MS, logger: silentLogger }).runOnce(never)
  expect(await lives(pid)).toBe(false)
  expect(await other.machine.probe({ instanceId: t?.id as string, fence })).toEqual({ kind: 'ABSENT' })
})

function hanging(): Machine {
  return { unforgotten: () => new Promise(() => {}) } as unknown as Machine
}
