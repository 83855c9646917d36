import { existsSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { jest } from '@jest/globals'
import { deleteMachineKey } from '../../src/commands/ssh-machine.js'
import type { MachineId, ProjectId } from '../../src/domain/ids.js'
import { newId } from '../../src/platform/ids.js'
import { holdsOf } from '../../src/queue/holds.js'
import { compileSources } from '../helpers/compile.js'
import { chunksOf, done, requestRun } from '../helpers/runs.js'
import { registerSsh } from '../helpers/ssh-machines.js'
import { type Sshd, startSshd } from '../helpers/sshd.js'
import { unless, whyNotRoot } from '../helpers/unless.js'
import { until } from '../helpers/until.js'
import { makeUser, plainLogin } from '../helpers/users.js'
import type { Wiring } from '../helpers/wiring.js'
import { linesOf } from '../machines/attempts.js'
import { startOther } from './other-dispatcher.js'
import { dag, Scene } from './scene.js'

let scene: Scene
let login: Awaited<ReturnType<typeof plainLogin>>
let sshd: Sshd
/** Asks for runs; it does not dispatch. */
let server: Wiring
let machineId: MachineId

beforeEach(async () => {
  ;[scene, login] = await Promise.all([Scene.open(), plainLogin()])
  await chmod(scene.dir, 0o777)
  sshd = await startSshd({ login: login.name })
  server = await scene.server()
  machineId = await registerSsh(server.bus, server.reads, 'far', sshd)
})

afterEach(async () => {
  await scene.close()
  await sshd.stop()
  await login.remove()
})

async function textOf(instanceId: string): Promise<string> {
  return Buffer.concat((await chunksOf(scene.db.owner, instanceId)).map(({ bytes }) => bytes)).toString('latin1')
}

async function machineRow(): Promise<Record<string, unknown>> {
  return (await scene.db.owner.query('SELECT * FROM machine WHERE id = $1', [machineId]))[0] ?? {}
}

it('a task that names the machine runs there, as the login, with its output and its end', async () => {
  const worker = await scene.server()
  worker.dispatch()
  const here = { run: 'id -un', machine: 'local' }
  const there = { run: `id -un; printf '\\377\\000x' >&2; echo '{"a":1}' > "$DAGBOOK_OUTPUT"`, machine: 'far' }
  const run = await requestRun(
    server.bus,
    dag({ here, there, after: { run: 'exit 3', machine: 'far', needs: ['there'] } }),
  )
  expect(await scene.ended(run)).toBe('FAILED')
  const { there: instance, after } = await scene.instances(run)
  expect(instance).toMatchObject({ status: 'SUCCEEDED', output: { a: 1 }, machine_id: machineId })
  expect(after).toMatchObject({ status: 'FAILED', exit_code: 3 })
  const chunks = await chunksOf(scene.db.owner, instance?.id as string)
  const of = (stream: string) =>
    Buffer.concat(chunks.filter((each) => each.stream === stream).map(({ bytes }) => bytes))
  expect(of('STDOUT').toString()).toBe(`${login.name}\n`)
  expect(of('STDERR')).toEqual(Buffer.from([0xff, 0, 0x78]))
  const { host_key } = await machineRow()
  expect(host_key).toBe(`${sshd.hostKey.type} ${sshd.hostKey.key}`)
  // What it is, is recorded at the end of the round that reached it; work may go there before.
  await until('what it is', async () => (await machineRow()).kernel !== null, 30_000)
})

it('survives dispatchers that are killed: others find it again, it ran once, and no byte is lost or doubled', async () => {
  const compiled = await compileSources(path.join(scene.dir, 'compiled'))
  const lines = 40
  const talk = `echo start >> ${scene.dir}/starts; n=0
    while [ $n -lt ${lines} ]; do echo "line $n"; n=$((n + 1)); sleep 0.1; done
    while [ ! -e ${scene.dir}/enough ]; do sleep 0.1; done`
  const foundAgain = (times: number) =>
    until('the attempt to be found again', async () => {
      const history = await scene.history(run, 't')
      return history.filter((type) => type === 'InstanceReattached').length >= times
    })
  const run = await requestRun(server.bus, dag({ t: { run: talk, machine: 'far' } }))
  for (let kill = 0; kill < 2; kill += 1) {
    const other = await startOther(compiled, { url: scene.db.url, spoolDir: scene.spoolDir, directory: scene.dir })
    if (kill === 0) await scene.status(run, 't', 'RUNNING')
    else await foundAgain(kill)
    await pause(500)
    await other.kill()
    await scene.expire(other.node)
  }
  const last = await startOther(compiled, { url: scene.db.url, spoolDir: scene.spoolDir, directory: scene.dir })
  await foundAgain(2)
  await writeFile(path.join(scene.dir, 'enough'), '')
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  await last.kill()
  expect(await linesOf(path.join(scene.dir, 'starts'))).toEqual(['start'])
  const { t } = await scene.instances(run)
  expect(await textOf(t?.id as string)).toBe(Array.from({ length: lines }, (_, n) => `line ${n}\n`).join(''))
  expect(t).toMatchObject({ attempt: 1, machine_id: machineId })
  expect((await scene.history(run, 't')).filter((type) => type === 'InstanceReattached')).toHaveLength(2)
})

it('a changed host key quarantines the machine and sends nothing; approved, its attempt is found again', async () => {
  const worker = await scene.server()
  worker.dispatch()
  const go = path.join(scene.dir, 'go')
  const wait = `echo began; until [ -e ${go} ]; do sleep 0.1; done; echo done`
  const run = await requestRun(server.bus, dag({ t: { run: wait, machine: 'far' } }))
  await scene.status(run, 't', 'RUNNING')
  await sshd.restart({ hostKey: 'NEW' })
  await until('the quarantine', async () => (await machineRow()).is_quarantined === true)
  await scene.status(run, 't', 'UNKNOWN')
  const logins = async () => ((await sshd.log()).match(/Accepted publickey/g) ?? []).length
  const before = await logins()
  const second = await requestRun(server.bus, dag({ t: { run: 'echo second', machine: 'far' } }))
  await worker.fleet.runOnce()
  await worker.fleet.runOnce()
  await worker.rescuer.runOnce()
  expect(await logins()).toBe(before)
  expect(await scene.instances(second)).toMatchObject({ t: { status: 'QUEUED' } })
  const hostKeyFingerprint = sshd.hostKey.fingerprint
  const approve = { type: 'UpdateMachine', settings: {}, keyFingerprint: null, hostKeyFingerprint } as const
  await done(server.bus, { aggregate: 'machine', command: approve }, machineId)
  await requestRun(server.bus, dag({ t: { run: `touch ${go}`, machine: 'far' } }))
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect(await scene.ended(second)).toBe('SUCCEEDED')
  expect(await textOf((await scene.instances(run)).t?.id as string)).toBe('began\ndone\n')
})

it('without contact nothing new is sent there; settings that change are followed', async () => {
  const worker = await scene.server()
  await worker.fleet.runOnce()
  const names = () => worker.fleet.offered.map(({ name }) => name)
  await until('contact', async () => {
    await worker.fleet.runOnce()
    return names().includes('far')
  })
  const drain = {
    type: 'UpdateMachine',
    settings: { isDraining: true },
    keyFingerprint: null,
    hostKeyFingerprint: null,
  } as const
  await done(server.bus, { aggregate: 'machine', command: drain }, machineId)
  await worker.fleet.runOnce()
  expect(names()).toEqual(['local'])
  expect(worker.fleet.ids).toContain(machineId)
  await done(server.bus, { aggregate: 'machine', command: { ...drain, settings: { isDraining: false } } }, machineId)
  await worker.fleet.runOnce()
  expect(names()).toEqual(['local', 'far'])
  await sshd.stop()
  await until('the loss of contact', async () => {
    await worker.fleet.runOnce()
    return !names().includes('far')
  })
  const [contact] = await scene.db.owner.query('SELECT error FROM machine_contact WHERE machine_id = $1', [machineId])
  expect(contact?.error).toEqual(expect.any(String))
  await done(server.bus, { aggregate: 'machine', command: { type: 'RemoveMachine' } }, machineId)
  await worker.fleet.runOnce()
  expect(worker.fleet.machine(machineId)).toBe(null)
})

it('a key that a machine kept when it was removed goes with its last attempt', async () => {
  const worker = await scene.server()
  const keys = () => scene.db.owner.query('SELECT FROM machine_key WHERE machine_id = $1', [machineId])
  const run = await requestRun(server.bus, dag({ t: { run: 'true', machine: 'far' } }))
  await until('contact', async () => {
    await worker.fleet.runOnce()
    return worker.fleet.offered.length === 2
  })
  const machines = worker.fleet.offered
  const claimed = await worker.bus.claim({ node: worker.node, machines, limit: 10 })
  expect(claimed).toMatchObject([{ machineId }])
  // Removed between the claim and the start.
  const beside = deleteMachineKey(machineId)
  await done(server.bus, { aggregate: 'machine', command: { type: 'RemoveMachine' }, beside }, machineId)
  await worker.fleet.runOnce()
  expect(await keys()).toHaveLength(1)
  worker.dispatcher.start()
  await scene.ask(server, run, { type: 'CancelRun', reason: null })
  await worker.dispatcher.adopt(await holdsOf(worker.reads.pool, worker.node))
  expect(await scene.ended(run)).toBe('CANCELED')
  await worker.fleet.runOnce()
  expect(await keys()).toHaveLength(0)
})

it('what is claimed on a machine that is removed at that moment is not sent there', async () => {
  const worker = await scene.server()
  await until('contact', async () => {
    await worker.fleet.runOnce()
    return worker.fleet.offered.length === 2
  })
  const claim = worker.bus.claim.bind(worker.bus)
  jest.spyOn(worker.bus, 'claim').mockImplementation(async (request) => {
    const claimed = await claim(request)
    const remove = {
      aggregate: 'machine',
      command: { type: 'RemoveMachine' },
      beside: deleteMachineKey(machineId),
    } as const
    if (claimed.length > 0) await done(server.bus, remove, machineId)
    return claimed
  })
  worker.dispatcher.start()
  const run = await requestRun(server.bus, dag({ t: { run: `: > ${scene.dir}/sent`, machine: 'far' } }))
  await until('its end', async () => (await scene.history(run, 't')).length > 2)
  expect(await scene.history(run, 't')).not.toContain('InstanceStarted')
  expect(existsSync(`${scene.dir}/sent`)).toBe(false)
})

const UNCHANGED = { keyFingerprint: null, hostKeyFingerprint: null }

const asRoot = unless(whyNotRoot())

asRoot.it('a task runs as a user whom the machine allows and sudo lets it become, and as nobody else', async () => {
  const [from, to] = [await makeUser(), await makeUser()]
  const second = await startSshd({ login: from.name })
  try {
    await from.sudoers(`${from.name} ALL=(${to.name}) NOPASSWD: ALL`)
    const settings = { allowedRunUsers: [to.name] }
    const becoming = await registerSsh(server.bus, server.reads, 'becoming', second, settings)
    const worker = await scene.server()
    worker.dispatch()
    const as = (user: string) => ({ run: 'id -un; pwd', machine: 'becoming', user })
    const tasks = {
      allowed: as(to.name),
      own: as(from.name),
      other: as('root'),
      here: { ...as(to.name), machine: 'local' },
    }
    const run = await requestRun(server.bus, dag(tasks))
    expect(await scene.ended(run)).toBe('FAILED')
    const { allowed, own, other, here } = await scene.instances(run)
    expect(await textOf(allowed?.id as string)).toBe(`${to.name}\n${to.home}\n`)
    expect(await textOf(own?.id as string)).toBe(`${from.name}\n${from.home}\n`)
    for (const refused of [other, here]) {
      expect(refused).toMatchObject({ status: 'ERRORED', error_message: expect.stringContaining('run as') })
    }
    // Withdrawn, and this dispatcher's look at its machines is older than that.
    await worker.fleet.stop()
    const withdraw = { type: 'UpdateMachine', settings: { allowedRunUsers: [] }, ...UNCHANGED } as const
    await done(server.bus, { aggregate: 'machine', command: withdraw }, becoming)
    const late = await requestRun(server.bus, dag({ t: as(to.name) }))
    expect(await scene.ended(late)).toBe('FAILED')
    expect((await scene.instances(late)).t).toMatchObject({
      status: 'ERRORED',
      error_message: `Its machine does not let tasks run as ${to.name}`,
    })
  } finally {
    await second.stop()
    await Promise.all([from.remove(), to.remove()])
  }
})

it('labels and projects decide who may go there, and what fits is claimed as soon as it does', async () => {
  const worker = await scene.server()
  worker.dispatch()
  const change = (settings: object) => {
    const command = { type: 'UpdateMachine', settings, keyFingerprint: null, hostKeyFingerprint: null } as const
    return done(server.bus, { aggregate: 'machine', command }, machineId)
  }
  const other = newId('project') as ProjectId
  await change({ labels: ['gpu'], projectIds: [other] })
  const run = await requestRun(server.bus, dag({ t: { run: 'true', labels: ['big', 'gpu'] } }))
  const named = await requestRun(server.bus, dag({ t: { run: 'true', machine: 'far' } }))
  const local = await requestRun(server.bus, dag({ t: { run: 'true' } }))
  expect(await scene.ended(local)).toBe('SUCCEEDED')
  await until('contact', async () => {
    await worker.fleet.runOnce()
    return worker.fleet.offered.length === 2
  })
  const [{ project_id: mine }] = (await scene.db.owner.query('SELECT project_id FROM run WHERE id = $1', [run])) as [
    { project_id: ProjectId },
  ]
  await change({ labels: ['gpu', 'big'] })
  await worker.rescuer.runOnce()
  expect([(await scene.instances(run)).t?.status, (await scene.instances(named)).t?.status]).toEqual([
    'QUEUED',
    'QUEUED',
  ])
  await change({ labels: ['gpu', 'big'], projectIds: [mine] })
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect((await scene.instances(run)).t).toMatchObject({ machine_id: machineId })
  expect((await scene.instances(named)).t?.status).toBe('QUEUED')
  await change({ projectIds: [] })
  expect(await scene.ended(named)).toBe('SUCCEEDED')
})
