import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { dag } from '../dispatcher/scene.js'
import { makeKeyPair } from '../helpers/sshd.js'
import { until } from '../helpers/until.js'
import { expectInOrder, openStage, type Stage, untilThere } from './stage.js'
import { untold } from './words.js'

/** Users with projects of DAGs, which run by a timetable on machines; what has no machine yet is pending. */
let s: Stage
let ada: { id: string; token: string }
let projectId: string

beforeAll(async () => {
  s = await openStage()
  await mkdir(path.join(s.scene.dir, 'work'))
})
afterAll(() => s.close(), 60_000)

const publish = (source: string, fields = 'id') => s.done('publishDag', { projectId, source }, 'dag', fields, ada.token)
const dagOf = async (name: string, fields: string) => {
  const query = `query ($name: String!) { dag(project: "warehouse", name: $name) { ${fields} } }`
  return (await s.get(query, { name }, ada.token)).dag
}
const RUN = 'id status startedAt endedAt dag { id name }'
const ended = (runId: string) => s.when('run', runId, RUN, ({ endedAt }) => endedAt !== null)

test('a user registers, takes a password of her own, makes a project and lets another one in', async () => {
  const [first, second] = ['given by the administrator', 'chosen by herself']
  const fields = 'id username email registeredAt'
  const user = await s.done(
    'createUser',
    { username: 'ada', email: 'ada@example.org', password: first },
    'user',
    fields,
  )
  expect(user).toMatchObject({ id: expect.stringMatching(/^user_/), username: 'ada', email: 'ada@example.org' })
  const change = { currentPassword: first, newPassword: second }
  await s.done('changePassword', change, 'user', 'id', await s.tokenOf('ada', first))
  await expect(s.tokenOf('ada', first)).resolves.toBeNull()
  ada = { id: user.id, token: await s.tokenOf('ada', second) }
  const ben = await s.makeUser('ben')
  const made = { name: 'warehouse', description: 'All that was ordered' }
  const project = await s.done('createProject', made, 'project', 'id createdAt createdBy { id }', ada.token)
  projectId = project.id
  await s.done('grantProjectRole', { projectId, userId: ben.id, role: 'OPERATOR' }, 'project', 'id', ada.token)
  const seen = 'query { project(name: "warehouse") { id name description members { role user { username } } } }'
  expect((await s.get(seen, {}, ben.token)).project).toEqual({
    ...{ id: projectId, ...made },
    members: expect.arrayContaining([
      { role: 'OWNER', user: { username: 'ada' } },
      { role: 'OPERATOR', user: { username: 'ben' } },
    ]),
  })
  expect(project.createdBy.id).toBe(ada.id)
  expectInOrder(user.registeredAt, project.createdAt)
})

const CLOSING = {
  name: 'closing',
  skipFailed: true,
  schedule: { cron: '30 2 1 1 *' },
  tasks: {
    extract: {
      ...{ name: 'Extract orders', run: 'pwd; [ -e tried ] || { touch tried; exit 1; }', machine: 'local' },
      ...{ directory: 'work', timeout: '10m', retry: { maxAttempts: 3 } },
    },
    check: { needs: ['extract'], run: 'exit 4' },
    load: { needs: ['check'], run: 'true' },
  },
}

test('a DAG has its tasks, each with its place, and a time at which it runs next', async () => {
  const fields = `id name isEnabled skipFailed state createdAt updatedAt nextRunAt project { name } createdBy { username }
    schedule { crons } latestVersion { definition }
    task(key: "extract") { id name machine { name } workingDirectory command timeoutSeconds retry { maxAttempts } updatedAt dag { name } }`
  const { id, task, ...told } = await publish(JSON.stringify(CLOSING), fields)
  expect(told).toMatchObject({
    ...{
      name: 'closing',
      isEnabled: true,
      skipFailed: true,
      state: 'NOT_RUNNING',
      schedule: { crons: ['30 2 1 1 *'] },
    },
    ...{
      nextRunAt: expect.stringMatching(/-01-01T02:30:00/),
      project: { name: 'warehouse' },
      createdBy: { username: 'ada' },
    },
    latestVersion: { definition: { name: 'closing', tasks: { load: { needs: ['check'] } } } },
  })
  expectInOrder(told.createdAt, told.updatedAt, task.updatedAt, told.nextRunAt)
  const { run } = CLOSING.tasks.extract
  expect(task).toMatchObject({
    ...{
      id: expect.any(String),
      name: 'Extract orders',
      machine: { name: 'local' },
      workingDirectory: 'work',
      command: run,
    },
    ...{ timeoutSeconds: 600, retry: { maxAttempts: 3 }, dag: { name: 'closing' } },
  })
  const again = await publish(JSON.stringify({ ...CLOSING, description: 'changed' }), 'id createdAt updatedAt')
  expect(again.id).toBe(id)
  expectInOrder(again.createdAt, told.updatedAt, again.updatedAt)
  expect(again.updatedAt).not.toBe(told.updatedAt)
})

test('its run goes past what failed, and its history and that of its tasks are kept', async () => {
  const dagId = (await dagOf('closing', 'id')).id
  const run = await ended(await s.trigger(dagId))
  expect(run).toMatchObject({ status: 'SUCCEEDED', dag: { id: dagId } })
  const fields = 'instances { nodes { id status startedAt endedAt attempts { exitCode } task { id key } } }'
  const { instances } = await s.when('run', run.id, fields)
  const [extract, check, load] = instances.nodes
  expect(extract).toMatchObject({ status: 'SUCCEEDED', attempts: [{ exitCode: 1 }, { exitCode: 0 }] })
  expect(check).toMatchObject({ id: expect.stringMatching(/^instance_/), status: 'FAILED', task: { key: 'check' } })
  expectInOrder(
    run.startedAt,
    extract.startedAt,
    extract.endedAt,
    check.startedAt,
    check.endedAt,
    load.endedAt,
    run.endedAt,
  )
  const after = await dagOf(
    'closing',
    'state runs { nodes { id } } task(key: "check") { id latestInstance { id status } }',
  )
  expect(after).toEqual({
    ...{ state: 'TERMINATED', runs: { nodes: [{ id: run.id }] } },
    task: { id: check.task.id, latestInstance: { id: check.id, status: 'FAILED' } },
  })
})

test('a DAG is running while its run is, and failed when that has failed', async () => {
  const { id } = await publish(dag({ wait: { run: `${untilThere('go')}; exit 2` } }, { name: 'watched' }))
  const runId = await s.trigger(id)
  expect(await dagOf('watched', 'state')).toEqual({ state: 'RUNNING' })
  await writeFile(path.join(s.scene.dir, 'go'), '')
  expect(await ended(runId)).toMatchObject({ status: 'FAILED' })
  expect(await dagOf('watched', 'state')).toEqual({ state: 'FAILED' })
})

test('an interval starts runs by itself, until the DAG is no longer valid', async () => {
  const source = dag({ look: { noop: {} } }, { name: 'poll', schedule: { interval: '1s' } })
  const { id } = await publish(source, 'id schedule { intervalSeconds }')
  expect(await dagOf('poll', 'schedule { intervalSeconds }')).toEqual({ schedule: { intervalSeconds: 1 } })
  const run = await until('a run by schedule', async () => (await dagOf('poll', 'latestRun { id trigger }')).latestRun)
  expect(run.trigger).toBe('SCHEDULE')
  expect(await ended(run.id)).toMatchObject({ status: 'SUCCEEDED', dag: { name: 'poll' } })
  const disabled = await s.done(
    'setDagEnabled',
    { dagId: id, isEnabled: false },
    'dag',
    'isEnabled nextRunAt',
    ada.token,
  )
  expect(disabled).toEqual({ isEnabled: false, nextRunAt: null })
})

test('a task for a machine that does not answer is pending there, with whom it is to run as', async () => {
  const address = { host: '127.0.0.1', port: 1, loginUser: 'etl', privateKey: makeKeyPair().private }
  const machine = { ...address, name: 'etl-1', allowedRunUsers: ['orders'] }
  const { id: machineId } = await s.done('registerMachine', machine, 'machine')
  const { id } = await publish(dag({ copy: { run: 'true', machine: 'etl-1', user: 'orders' } }, { name: 'remote' }))
  expect((await dagOf('remote', 'task(key: "copy") { runUser machine { id name host } }')).task).toEqual({
    runUser: 'orders',
    machine: { id: machineId, name: 'etl-1', host: '127.0.0.1' },
  })
  const runId = await s.trigger(id)
  const pending = 'pending { nodes { run { id } taskKey task { key } waitReasons { code } } }'
  const query = `{ queue(name: "default") { ${pending} } machine(name: "etl-1") { status ${pending} } }`
  const told = {
    run: { id: runId },
    taskKey: 'copy',
    task: { key: 'copy' },
    waitReasons: [{ code: 'MACHINE_OFFLINE' }],
  }
  expect(await s.get(query)).toEqual({
    queue: { pending: { nodes: expect.arrayContaining([told]) } },
    machine: { status: 'OFFLINE', pending: { nodes: [told] } },
  })
  await s.done('cancelRun', { runId }, 'run')
  expect(await ended(runId)).toMatchObject({ status: 'CANCELED' })
})

test('every word of the design is told', () => {
  expect(untold('dag-scheduler', s.answers)).toEqual([])
})
