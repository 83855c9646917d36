import { chmod, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { jest } from '@jest/globals'
import { IS_LONG, sized } from '../helpers/long.js'
import { residentOf } from '../helpers/memory.js'
import { requestRun } from '../helpers/runs.js'
import { registerSsh } from '../helpers/ssh-machines.js'
import { type Sshd, startSshd } from '../helpers/sshd.js'
import { until } from '../helpers/until.js'
import { plainLogin } from '../helpers/users.js'
import type { Wiring } from '../helpers/wiring.js'
import { linesOf } from '../machines/attempts.js'
import { dag, Scene } from './scene.js'

const COUNT = sized(100, 8)
const DYING = Math.ceil(COUNT / 10)
const PATIENCE_MS = sized(600_000, 120_000)
jest.setTimeout(3 * PATIENCE_MS)

/** More than that for a machine would be no fleet of hundreds. */
const MB_A_MACHINE = 5

let scene: Scene
let login: Awaited<ReturnType<typeof plainLogin>>
let worker: Wiring
const hosts: Sshd[] = []

beforeAll(async () => {
  ;[scene, login] = await Promise.all([Scene.open(), plainLogin()])
  await chmod(scene.dir, 0o777)
  worker = await scene.server()
  for (let at = 0; at < COUNT; at += 1) hosts.push(await startHost(at))
})

afterAll(async () => {
  await scene.close()
  await Promise.all(hosts.map((host) => host.stop()))
  await login.remove()
})

/** With an address and a home of its own, and so with a spool of its own. */
async function startHost(at: number): Promise<Sshd> {
  const home = path.join(scene.dir, `home-${at}`)
  await mkdir(home)
  await chmod(home, 0o777)
  return startSshd({ login: login.name, address: `127.0.1.${at + 1}`, config: [`SetEnv HOME=${home}`] })
}

/** Nobody comes in any more while those who are in are put out. */
async function die(host: Sshd): Promise<void> {
  await host.signal('SIGSTOP', 'LISTENER')
  await host.signal('SIGKILL', 'SESSIONS')
  await host.signal('SIGKILL', 'LISTENER')
}

/** Rounds of checks until that many are offered besides this host; how long the last of them took, in ms. */
async function offered(count: number): Promise<number> {
  return until(
    `${count} machines`,
    async () => {
      const begin = performance.now()
      await worker.fleet.runOnce()
      return worker.fleet.offered.length === count + 1 ? Math.ceil(performance.now() - begin) : null
    },
    PATIENCE_MS,
  )
}

function sockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
}

it(`${COUNT} machines in one process are reached by a connection each, run tasks, die and come back`, async () => {
  const [before, socketsBefore] = [residentOf(process.pid, 'VmRSS'), sockets()]
  const names = hosts.map((_, at) => `far${at}`)
  for (const [at, name] of names.entries()) await registerSsh(worker.bus, worker.reads, name, hosts[at] as Sshd)
  const begin = performance.now()
  await offered(COUNT)
  const allMs = performance.now() - begin
  const checkMs = await offered(COUNT)
  const growthMb = (residentOf(process.pid, 'VmRSS') - before) / 1e6
  const sessions = await Promise.all(hosts.map((host) => host.sessions()))
  expect(sessions.map(({ length }) => length)).toEqual(hosts.map(() => 1))
  // Those to the database come and go beside them.
  expect(sockets() - socketsBefore).toBeLessThan(COUNT + 20)

  worker.dispatch()
  const record = path.join(scene.dir, 'record')
  const task = (name: string) => ({ run: `echo "$DAGBOOK_TASK $HOME" >> ${record}; echo ${name}`, machine: name })
  const run = await requestRun(worker.bus, dag(Object.fromEntries(names.map((name) => [name, task(name)]))))
  await until(
    'the end of the run',
    async () => {
      const ended = 'SELECT status FROM run WHERE id = $1 AND ended_at IS NOT NULL'
      return (await scene.db.owner.query(ended, [run]))[0]
    },
    PATIENCE_MS,
  )
  const ends = Object.values(await scene.instances(run)).map(({ status, attempt }) => `${status} ${attempt}`)
  expect(ends).toEqual(names.map(() => 'SUCCEEDED 1'))
  expect((await linesOf(record)).toSorted()).toHaveLength(COUNT)

  const dying = hosts.slice(0, DYING)
  await Promise.all(dying.map(die))
  const withoutMs = await offered(COUNT - DYING)
  expect(worker.fleet.offered.map(({ name }) => name)).toEqual(['local', ...names.slice(DYING)])
  await Promise.all(dying.map((host) => host.restart()))
  await offered(COUNT)
  if (!IS_LONG) return
  console.log(
    `${COUNT} machines: all reached in ${Math.round(allMs)} ms, a round of checks ${checkMs} ms, ${withoutMs} ms while ${DYING} are dead; ${Math.round(growthMb)} MB and ${sockets() - socketsBefore} sockets more`,
  )
  expect(growthMb).toBeLessThan(COUNT * MB_A_MACHINE)
})
