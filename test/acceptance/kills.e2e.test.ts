import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { until } from '../helpers/until.js'
import { AT_THE_GATE, RECORDER_PARAMETER, Recorder, recorded } from './recorder.js'
import { createProject, listInstances, publish, runEnd, trigger } from './runs.js'
import { Sandbox } from './sandbox.js'
import { post, Session } from './session.js'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await Sandbox.make()
})

afterEach(async () => {
  await sandbox.close()
})

/** Six tasks beside each other that begin, wait for the test and end. */
function gated(): object {
  const task = { run: recorded(`echo before\n${AT_THE_GATE}\necho after`) }
  const tasks = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, task]))
  return { name: 'gated', parameters: RECORDER_PARAMETER, tasks }
}

async function startGated(session: Session) {
  const dag = await publish(session, await createProject(session, 'gates'), gated())
  const recorder = new Recorder(sandbox)
  const gate = path.join(sandbox.folder, 'gate')
  const run = await trigger(session, dag, { recorder: recorder.file, gate })
  await until('six begun tasks', async () => (await recorder.lines()).length === 6)
  return { run, recorder, open: () => writeFile(gate, '') }
}

async function expectOnce(session: Session, run: string, recorder: Recorder): Promise<void> {
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
    const first = await sandbox.start({ DAGBOOK_EXAMPLES: 'off' })
    const session = await Session.open(first)
    const { run, recorder, open } = await startGated(session)
    await first.kill9()
    await sandbox.start({ DAGBOOK_EXAMPLES: 'off' })
    await open()
    await expectOnce(session, run, recorder)
  })

  it('go on and end while no server is there, and the next start has their ends and output', async () => {
    const first = await sandbox.start({ DAGBOOK_EXAMPLES: 'off' })
    const session = await Session.open(first)
    const { run, recorder, open } = await startGated(session)
    await first.kill9()
    await open()
    await until('six ends', async () => (await recorder.lines()).length === 12)
    await sandbox.start({ DAGBOOK_EXAMPLES: 'off' })
    await expectOnce(session, run, recorder)
  })

  it('outlive a server that is asked to stop: it ends with 0, and the next one finds them', async () => {
    const first = await sandbox.start({ DAGBOOK_EXAMPLES: 'off' })
    const session = await Session.open(first)
    const { run, recorder, open } = await startGated(session)
    expect(await first.stop()).toEqual({ code: 0, signal: null })
    expect(await sandbox.postmaster()).toBeNull()
    await sandbox.start({ DAGBOOK_EXAMPLES: 'off' })
    await open()
    await expectOnce(session, run, recorder)
  })
})

const CREATE = `mutation ($input: CreateProjectInput!) {
  createProject(input: $input) { project { name } userErrors { code } }
}`

describe('a kill -9 of PostgreSQL under a server that works', () => {
  it('is over without a restart; what was acknowledged is there, what was repeated is there once', async () => {
    const server = await sandbox.start({ DAGBOOK_EXAMPLES: 'off' })
    const session = await Session.open(server)
    const token = await session.token()
    const { run, recorder, open } = await startGated(session)
    const names = Array.from({ length: 60 }, (_, at) => `p${String(at).padStart(2, '0')}`)
    const isAcknowledged = async (name: string) => {
      const answer = await post(server.url, CREATE, { input: { name, idempotencyKey: `create ${name}` } }, token)
      return answer.data?.createProject?.project?.name === name
    }
    for (const name of names.slice(0, 20)) expect(await isAcknowledged(name)).toBe(true)
    const killed = await sandbox.postmaster()
    process.kill(killed as number, 'SIGKILL')
    const during = await Promise.all(names.slice(20).map((name) => isAcknowledged(name).catch(() => false)))
    await until('an answer', async () => (await session.answer('{ viewer { id } }')).data?.viewer?.id)
    const listed = async () =>
      (await session.ask('{ projects(first: 100) { nodes { name } } }')).projects.nodes.map(
        ({ name }: { name: string }) => name,
      )
    const kept = await listed()
    const acknowledged = [...names.slice(0, 20), ...names.slice(20).filter((_, at) => during[at])]
    expect(acknowledged.filter((name) => !kept.includes(name))).toEqual([])
    for (const name of names) expect(await isAcknowledged(name)).toBe(true)
    expect((await listed()).toSorted()).toEqual(['gates', ...names])
    await open()
    await expectOnce(session, run, recorder)
    expect(server.isRunning).toBe(true)
    expect(await sandbox.postmaster()).not.toBe(killed)
  })

  it('together with its server is repaired by the next start', async () => {
    const first = await sandbox.start({ DAGBOOK_EXAMPLES: 'off' })
    const session = await Session.open(first)
    const { run, recorder, open } = await startGated(session)
    process.kill((await sandbox.postmaster()) as number, 'SIGKILL')
    await first.kill9()
    await sandbox.start({ DAGBOOK_EXAMPLES: 'off' })
    await open()
    await expectOnce(session, run, recorder)
  })
})
