import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { dag } from '../dispatcher/scene.js'
import { expectInOrder, openStage, type Stage, untilThere } from './stage.js'
import { untold } from './words.js'

/** Tasks from templates, in queues that share the cpu and memory of pools, with SLAs over these. */
let s: Stage
let poolId: string
let queueId: string
let runId: string

beforeAll(async () => {
  s = await openStage()
})
afterAll(() => s.close(), 60_000)

test('a template says how a task is executed, and what it is given', async () => {
  const content = {
    ...{ name: 'load', engine: 'shell', taskType: 'sql' },
    definition: { run: `echo "loads $DAGBOOK_PARAM_TABLE"; ${untilThere('go')}` },
    parametersSchema: { type: 'object', properties: { table: { type: 'string' } }, required: ['table'] },
  }
  const first = await s.done('publishTemplate', { ...content, taskType: 'load' }, 'template', 'createdAt updatedAt')
  const fields = 'name engine taskType definition parametersSchema createdAt updatedAt'
  const second = await s.done('publishTemplate', content, 'template', fields)
  expect(second).toMatchObject(content)
  expectInOrder(first.createdAt, second.updatedAt)
  expect(second.updatedAt).not.toBe(first.updatedAt)
})

test('a pool has machines and queues, which are changed as needed', async () => {
  const pool = { name: 'etl', totalCpu: 4, totalMemoryMb: 8_000 }
  const fields = 'id name totalCpu totalMemoryMb status createdAt updatedAt'
  const made = await s.done('createPool', { ...pool, totalCpu: 2 }, 'pool', fields)
  poolId = made.id
  const grown = await s.done('updatePool', { poolId, totalCpu: 4 }, 'pool', fields)
  expect(grown).toMatchObject({ ...pool, id: poolId, status: 'ACTIVE', createdAt: made.createdAt })
  const { machine } = await s.get('{ machine(name: "local") { id } }')
  await s.done('updateMachine', { machineId: machine.id, poolId }, 'machine')
  const queue = { name: 'loads', capacity: 2, priority: 5 }
  const shown = 'id name capacity priority status createdAt updatedAt'
  const opened = await s.done('createQueue', { ...queue, priority: 0, poolId }, 'queue', shown)
  queueId = opened.id
  const raised = await s.done('updateQueue', { queueId, priority: 5 }, 'queue', shown)
  expect(raised).toMatchObject({ ...queue, id: queueId, status: 'OPEN', createdAt: opened.createdAt })
  expectInOrder(made.createdAt, grown.updatedAt, opened.createdAt, raised.updatedAt)
})

test('an SLA of the pool has conditions and actions', async () => {
  const sla = {
    ...{ name: 'etl-is-full', priority: 7 },
    conditions: { all: [{ fact: 'poolCpuUsage', operator: 'greaterThan', value: 0.9 }] },
    actions: [{ type: 'pauseQueue', queueId }],
  }
  const { id: slaId, createdAt } = await s.done('createSla', { ...sla, priority: 1, poolId }, 'sla', 'id createdAt')
  const changed = await s.done('updateSla', { slaId, priority: 7 }, 'sla', 'id updatedAt')
  expectInOrder(createdAt, changed.updatedAt)
  const query = '{ pool(name: "etl") { queues { name } slas { id name conditions actions priority } } }'
  expect((await s.get(query)).pool).toEqual({ queues: [{ name: 'loads' }], slas: [{ id: slaId, ...sla }] })
})

const TASK = {
  ...{ name: 'Load facts', template: 'load', with: { table: 'facts' }, queue: 'loads', tags: ['facts', 'daily'] },
  ...{ priority: 3, timeout: '10m', resources: { cpu: 1.5, memory: '512MB' } },
}

test('a task holds its place in queue and pool while it runs', async () => {
  const projectId = await s.project('platform')
  const fields = `id task(key: "facts") { id name priority timeoutSeconds parameters createdAt updatedAt
    template { name engine } queue { name } latestInstance { id } }`
  const { id, task } = await s.done('publishDag', { projectId, source: dag({ facts: TASK }) }, 'dag', fields)
  expect(task).toMatchObject({
    ...{ id: expect.any(String), name: 'Load facts', priority: 3, timeoutSeconds: 600, parameters: { table: 'facts' } },
    ...{ template: { name: 'load', engine: 'shell' }, queue: { name: 'loads' }, latestInstance: null },
  })
  expectInOrder(task.createdAt, task.updatedAt)
  runId = await s.trigger(id)
  await s.scene.status(runId, 'facts', 'RUNNING')
  const query = '{ queue(name: "loads") { currentLoad depth } pool(name: "etl") { usedCpu usedMemoryMb } }'
  expect(await s.get(query)).toEqual({
    queue: { currentLoad: 1, depth: 0 },
    pool: { usedCpu: 1.5, usedMemoryMb: 512 },
  })
  await writeFile(path.join(s.scene.dir, 'go'), '')
  await s.scene.ended(runId)
  expect(await s.get(query)).toEqual({ queue: { currentLoad: 0, depth: 0 }, pool: { usedCpu: 0, usedMemoryMb: 0 } })
})

test('its instance is kept, with what it printed', async () => {
  const fields =
    'id status tags createdAt startedAt endedAt updatedAt log { entries { text } } task { key template { name } }'
  const { instance } = await s.when('run', runId, `instance(taskKey: "facts") { ${fields} }`)
  expect(instance).toMatchObject({
    ...{ id: expect.stringMatching(/^instance_/), status: 'SUCCEEDED', tags: expect.arrayContaining(TASK.tags) },
    ...{ log: { entries: [{ text: 'loads facts\n' }] }, task: { key: 'facts', template: { name: 'load' } } },
  })
  expectInOrder(instance.createdAt, instance.startedAt, instance.endedAt, instance.updatedAt)
  const query = '{ tasks(search: "Load") { nodes { latestInstance { id status } instances { nodes { id } } } } }'
  expect((await s.get(query)).tasks.nodes).toEqual([
    { latestInstance: { id: instance.id, status: 'SUCCEEDED' }, instances: { nodes: [{ id: instance.id }] } },
  ])
})

test('the log of operations has every change, newest first', async () => {
  const query = 'query ($id: ID!) { auditLog(filter: { entityId: $id }) { nodes { action username outcome } } }'
  const { nodes } = (await s.get(query, { id: queueId })).auditLog
  const by = { username: 'admin', outcome: 'SUCCESS' }
  expect(nodes).toEqual([
    { action: 'QueueSettingsChanged', ...by },
    { action: 'QueueCreated', ...by },
  ])
})

test('every word of the design is told', () => {
  expect(untold('task-platform', s.answers)).toEqual([])
})
