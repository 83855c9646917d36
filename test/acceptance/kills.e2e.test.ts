import path from 'node:path'
import { Gate } from '../helpers/gate.js'
import { until } from '../helpers/until.js'
import { AT_THE_GATE, RECORDER_PARAMETER, Recorder, recorded } from './recorder.js'
import { createProject, listInstances, publish, runEnd, trigger } from './runs.js'
import { Sandbox } from './sandbox.js'
import type { Server } from './server.js'
import { post, Session } from './session.js'

const ENV = { DAGBOOK_EXAMPLES: 'off' }

let sandbox: Sandbox
let server: Server
let session: Session

beforeAll(async () => {
  sandbox = await Sandbox.make()
})

/** The one that the test before has left, on the data of all of them. */
beforeEach(async () => {
  if (!server?.isRunning) server = await sandbox.start(ENV)
  session ??= await Session.open(server)
})

afterAll(async () => {
  await sandbox.close()
})

/** Six tasks beside each other that begin, wait for the test and end. */
function gated(): object {
  const task = { run: recorded(`echo before\n${AT_THE_GATE}\necho after`) }
  const tasks = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, task]))
  return { name: 'gated', parameters: RECORDER_PARAMETER, tasks }
}

async function startGated(project: string) {
  const dag = await publish(session, await createProject(session, project), gated())
  const recorder = new Recorder(sandbox, project)
  const gate = await Gate.close(path.join(sandbox.folder, `${project}.gate`))
  const run = await trigger(session, dag, { recorder: recorder.file, gate: gate.file })
  await until('six begun tasks', async () => (await recorder.lines()).length === 6)
  return { run, recorder, open: () => gate.open() }
}

async function expectOnce(run: string, recorder: Recorder): Promise<void> {
  expect((await runEnd(session, run)).status).toBe('SUCCEEDED')
  const ends = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => `end ${key}`)
  expect((await recorder.lines()).toSorted()).toEqual([...ends.map((line) => line.replace('end', 'begin')), ...ends])
  for (const { id, attempts } of await listInstances(session, run)) {
    expect(attempts).toEqual([{ number: 1, status: 'SUCCEEDED' }])
    expect(await session.raw(id, 1, 'stdout')).toBe('before\nafter\n')
  }
}

describe('running tasks', () => {
  it('are found again by the next start after a kill -9, and end once, with all their output', async () => {
    const { run, recorder, open } = await startGated('found')
    await server.kill9()
    server = await sandbox.start(ENV)
    await open()
    await expectOnce(run, recorder)
  })

  it('go on and end while no server is there, and the next start has their ends and output', async () => {
    const { run, recorder, open } = await startGated('alone')
    await server.kill9()
    await open()
    await until('six ends', async () => (await recorder.lines()).length === 12)
    server = await sandbox.start(ENV)
    await expectOnce(run, recorder)
  })

  it('outlive a server that is asked to stop: it ends with 0, and the next one finds them', async () => {
    const { run, recorder, open } = await startGated('stopped')
    expect(await server.stop()).toEqual({ code: 0, signal: null })
    expect(await sandbox.postmaster()).toBeNull()
    server = await sandbox.start(ENV)
    await open()
    await expectOnce(run, recorder)
  })
})

const CREATE = `mutation ($input: CreateProjectInput!) {
  createProject(input: $input) { project { name } userErrors { code } }
}`

describe('a kill -9 of PostgreSQL under a server that works', () => {
  it('is over without a restart; what was acknowledged is there, what was repeated is there once', async () => {
    const token = await session.token()
    const { run, recorder, open } = await startGated('database')
    const names = Array.from({ length: 60 }, (_, at) => `p${String(at).padStart(2, '0')}`)
    const isAcknowledged = async (name: string) => {
      const answer = await post(server.url, CREATE, { input: { name, idempotencyKey: `create ${name}` } }, token)
      return answer.data?.createProject?.project?.name === name
    }
    for (const name of names.slice(0, 20)) expect(await isAcknowledged(name)).toBe(true)
    await sandbox.killPostgres()
    const during = await Promise.all(names.slice(20).map((name) => isAcknowledged(name).catch(() => false)))
    await sandbox.anotherPostgres()
    await until('an answer', async () => (await session.answer('{ viewer { id } }')).data?.viewer?.id)
    const listed = async (): Promise<string[]> =>
      (await session.ask('{ projects(first: 100) { nodes { name } } }')).projects.nodes
        .map(({ name }: { name: string }) => name)
        .filter((name: string) => /^p\d+$/.test(name))
    const kept = await listed()
    const acknowledged = [...names.slice(0, 20), ...names.slice(20).filter((_, at) => during[at])]
    expect(acknowledged.filter((name) => !kept.includes(name))).toEqual([])
    for (const name of names) expect(await isAcknowledged(name)).toBe(true)
    expect((await listed()).toSorted()).toEqual(names)
    await open()
    await expectOnce(run, recorder)
    expect(server.isRunning).toBe(true)
  })

  it('together with its server is repaired by the next start', async () => {
    const { run, recorder, open } = await startGated('both')
    await sandbox.killPostgres()
    await server.kill9()
    server = await sandbox.start(ENV)
    await open()
    await expectOnce(run, recorder)
  })
})
