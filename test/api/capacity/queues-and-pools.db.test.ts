import { newId } from '../../../src/platform/ids.js'
import { drive } from '../../helpers/drive.js'
import { type Flow, openFlow } from '../../helpers/flow.js'
import { checkJournal } from '../../history/check-journal.js'
import { checkReplay } from '../../projections/check-replay.js'

let f: Flow
let projectId: string

beforeAll(async () => {
  f = await openFlow()
  projectId = await f.project('work')
})

afterAll(async () => {
  try {
    const { events } = await checkJournal(f.services.database)
    await checkReplay(f.db, events)
  } finally {
    await f.close()
  }
}, 60_000)

type Input = Record<string, unknown>
const QUEUE = 'queue { id name status capacity priority pool { name } projects { name } }'
const POOL = 'pool { id name status totalCpu totalMemoryMb }'
const queue = (mutation: string, input: Input, token?: string) =>
  f.change(mutation, `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`, input, QUEUE, token)
const pool = (mutation: string, input: Input, token?: string) =>
  f.change(mutation, `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`, input, POOL, token)
const codes = (payload: { userErrors: { code: string; path: string[] }[] }) =>
  payload.userErrors.map(({ code, path }) => `${code} ${path.join('.')}`)
const messages = (payload: { userErrors: { message: string }[] }) => payload.userErrors.map(({ message }) => message)

const DAG = (name: string, queueName: string, resources = '') => `
name: ${name}
tasks: { a: { noop: {}, queue: ${queueName}${resources} }, b: { noop: {}, queue: ${queueName}, needs: [a] } }`

test('an administrator makes, changes and deletes them; a repeat with its key does nothing again', async () => {
  const made = await pool('createPool', { name: 'gpus', totalCpu: 2.5, totalMemoryMb: 1000.5, idempotencyKey: 'p' })
  expect(made).toMatchObject({ pool: { name: 'gpus', status: 'ACTIVE', totalCpu: 2.5, totalMemoryMb: 1000.5 } })
  const poolId = made.pool.id
  const first = await queue('createQueue', { name: 'gpu', capacity: 3, poolId, projectIds: [projectId] })
  const expected = { name: 'gpu', status: 'OPEN', capacity: 3, priority: 0, pool: { name: 'gpus' } }
  expect(first).toMatchObject({ queue: { ...expected, projects: [{ name: 'work' }] }, userErrors: [] })
  expect(codes(await queue('createQueue', { name: 'gpu', capacity: 1 }))).toEqual(['TAKEN name'])
  const queueId = first.queue.id
  const update = { queueId, status: 'DRAINING', capacity: 1, priority: 2, projectIds: [] }
  expect(await queue('updateQueue', update)).toMatchObject({
    queue: { ...expected, status: 'DRAINING', capacity: 1, priority: 2, projects: [] },
  })
  expect((await queue('updateQueue', update)).position).toBeNull()
  expect(await pool('updatePool', { poolId, status: 'PAUSED', totalCpu: 4 })).toMatchObject({
    pool: { status: 'PAUSED', totalCpu: 4, totalMemoryMb: 1000.5 },
  })
  const refused = await pool('deletePool', { poolId })
  expect(codes(refused)).toEqual(['CONFLICT poolId'])
  expect(messages(refused)[0]).toContain('given 1 and 0')
  const remove = { queueId, idempotencyKey: 'd' }
  const removed = await queue('deleteQueue', remove)
  expect(removed).toMatchObject({ queue: { name: 'gpu' }, userErrors: [] })
  expect((await queue('deleteQueue', remove)).position).toBe(removed.position)
  expect(codes(await queue('deleteQueue', { queueId }))).toEqual(['NOT_FOUND queueId'])
  expect(await pool('deletePool', { poolId })).toMatchObject({ pool: { name: 'gpus' }, userErrors: [] })
  expect(await f.get('{ pool(name: "gpus") { id } queue(name: "gpu") { id } }')).toEqual({ pool: null, queue: null })
})

test('it takes the permission, and everything wrong is said at once', async () => {
  const { token } = await f.makeUser('clerk', { permissions: ['queues'] })
  const make = { name: 'clerks', capacity: 1 }
  expect((await queue('createQueue', make, token)).queue).toMatchObject({ name: 'clerks' })
  const hidden = await queue('createQueue', { ...make, name: 'more', projectIds: [projectId] }, token)
  expect(codes(hidden)).toEqual(['NOT_FOUND projectIds.0'])
  await expect(pool('createPool', { name: 'p', totalCpu: 1, totalMemoryMb: 1 }, token)).rejects.toThrow('FORBIDDEN')
  const other = await f.makeUser('nobody')
  await expect(queue('createQueue', { ...make, name: 'x' }, other.token)).rejects.toThrow('FORBIDDEN')
  expect(codes(await queue('createQueue', { name: '1', capacity: -1, priority: 500 }))).toEqual([
    'INVALID name',
    'INVALID capacity',
    'INVALID priority',
  ])
  expect(codes(await queue('createQueue', { ...make, poolId: newId('pool') }))).toEqual(['NOT_FOUND poolId'])
  expect(codes(await pool('createPool', { name: 'p', totalCpu: -1, totalMemoryMb: -1 }))).toEqual([
    'INVALID totalCpu',
    'INVALID totalMemoryMb',
  ])
})

test('`default` has to stay, of both', async () => {
  const { queue: q, pool: p } = await f.get('{ queue(name: "default") { id } pool(name: "default") { id } }')
  expect(codes(await queue('deleteQueue', { queueId: q.id }))).toEqual(['NOT_ALLOWED_IN_STATE '])
  expect(codes(await pool('deletePool', { poolId: p.id }))).toEqual(['CONFLICT poolId'])
})

test('who keeps a queue for projects takes it from none that he does not see', async () => {
  const clerk = await f.makeUser('keeper', { permissions: ['queues'] })
  const own = await f.change('createProject', 'CreateProjectInput', { name: 'own' }, 'project { id }', clerk.token)
  const made = await queue('createQueue', { name: 'shared', capacity: 1, projectIds: [projectId] })
  const input = { queueId: made.queue.id, projectIds: [own.project.id] }
  expect((await queue('updateQueue', input, clerk.token)).queue.projects).toEqual([{ name: 'own' }])
  const { queue: seen } = await f.get('{ queue(name: "shared") { projects { name } } }')
  expect(seen.projects.map(({ name }: { name: string }) => name).sort()).toEqual(['own', 'work'])
})

test('a queue with instances left is not deleted; draining, it takes no new run and lets what there is end', async () => {
  const { queue: q } = await queue('createQueue', { name: 'leaving', capacity: 5 })
  const dagId = await f.publish(projectId, DAG('leaves', 'leaving'))
  const runId = await f.trigger(dagId)
  const refused = await queue('deleteQueue', { queueId: q.id })
  expect(codes(refused)).toEqual(['CONFLICT queueId'])
  expect(messages(refused)[0]).toContain('1 that wait, 0 that run and 1 that runs are yet to put in it')
  await queue('updateQueue', { queueId: q.id, status: 'DRAINING' })
  const again = await f.change('triggerRun', 'TriggerRunInput', { dagId }, 'run { id }')
  expect(codes(again)).toEqual(['NOT_ALLOWED_IN_STATE dagId'])
  expect(messages(again)).toEqual(['Queue leaving is draining: it takes no new run'])
  const inline = { projectId, name: 'one', task: { noop: {}, queue: 'leaving' } }
  expect(codes(await f.change('runTask', 'RunTaskInput', inline, 'run { id }'))).toEqual(['NOT_ALLOWED_IN_STATE task'])
  await drive(f.services.bus)
  const { run } = await f.get('query ($id: ID!) { run(id: $id) { status } }', { id: runId })
  expect(run.status).toBe('SUCCEEDED')
  const rerun = { runId, scope: 'ALL' }
  expect(codes(await f.change('rerun', 'RerunInput', rerun, 'run { id }'))).toEqual(['NOT_ALLOWED_IN_STATE runId'])
  expect((await queue('deleteQueue', { queueId: q.id })).userErrors).toEqual([])
  expect(messages(await f.change('triggerRun', 'TriggerRunInput', { dagId }, 'run { id }'))).toEqual([
    'Queue leaving does not exist any more',
  ])
})

test('using a queue is a right: of others neither published nor triggered', async () => {
  const other = await f.project('other')
  const { queue: q } = await queue('createQueue', { name: 'kept', capacity: 5 })
  const dagId = await f.publish(other, DAG('theirs', 'kept'))
  await queue('updateQueue', { queueId: q.id, projectIds: [projectId] })
  const refused = await f.change('triggerRun', 'TriggerRunInput', { dagId }, 'run { id }')
  expect(messages(refused)).toEqual(['Queue kept does not take the work of this project, it is kept for others'])
  const publish = { projectId: other, source: DAG('more', 'kept') }
  const { problems } = await f.change('publishDag', 'PublishDagInput', publish, 'problems { message code path line }')
  expect(problems).toEqual([
    {
      message: 'Queue kept must take the work of this project, it is kept for others',
      code: 'INVALID',
      path: ['tasks', 'a', 'queue'],
      line: 3,
    },
  ])
  await f.publish(projectId, DAG('mine', 'kept'))
})

test('what asks for more than its pool has in all is refused when it is published: task, wish and total are named', async () => {
  const made = await pool('createPool', { name: 'tiny', totalCpu: 2, totalMemoryMb: 100 })
  await queue('createQueue', { name: 'tiny', capacity: 5, poolId: made.pool.id })
  const source = `
name: huge
defaults: { queue: tiny, resources: { memory: 200MB } }
tasks:
  a: { run: "true", resources: { cpu: 3 } }
  b: { run: "true", resources: { memory: 100MB } }`
  const input = { projectId, source }
  const { problems } = await f.change('publishDag', 'PublishDagInput', input, 'problems { message path }')
  expect(problems).toEqual([
    {
      message:
        'Task a must ask for at most the 100 MB of memory that pool tiny of its queue tiny has in all, given 200',
      path: ['defaults', 'resources', 'memory'],
    },
    {
      message: 'Task a must ask for at most the 2 cpus that pool tiny of its queue tiny has in all, given 3',
      path: ['tasks', 'a', 'resources', 'cpu'],
    },
  ])
})

const WAITS =
  'query ($id: ID!) { run(id: $id) { instances { nodes { taskKey waitReasons { code message needed available } } } } }'
interface Waits {
  readonly taskKey: string
  readonly waitReasons: { readonly code: string }[]
}
const waits = async (id: string): Promise<Record<string, string[]>> => {
  const { run } = await f.get(WAITS, { id })
  return Object.fromEntries(
    run.instances.nodes.map(({ taskKey, waitReasons }: Waits) => [taskKey, waitReasons.map(({ code }) => code)]),
  )
}

test('whatever waits says why: also when its pool has shrunk below its wish, or its queue went to others', async () => {
  const made = await pool('createPool', { name: 'shrinking', totalCpu: 4, totalMemoryMb: 100 })
  const { queue: q } = await queue('createQueue', { name: 'shrinking', capacity: 5, poolId: made.pool.id })
  const source = `
name: waits
defaults: { queue: shrinking }
maxParallel: 3
tasks:
  cpu: { run: "true", resources: { cpu: 3 } }
  memory: { run: "true", resources: { memory: 100MB } }
  nothing: { noop: {} }
  after: { noop: {}, needs: [cpu, memory] }
  late: { noop: {}, needs: [] }`
  const runId = await f.trigger(await f.publish(projectId, source))
  const offline = { nothing: ['MACHINE_OFFLINE'], after: ['UPSTREAM'], late: ['MAX_PARALLEL'] }
  expect(await waits(runId)).toEqual({ cpu: ['NO_MACHINE_MATCHES'], memory: ['NO_MACHINE_MATCHES'], ...offline })
  await pool('updatePool', { poolId: made.pool.id, totalCpu: 2, totalMemoryMb: 50 })
  expect(await waits(runId)).toMatchObject({
    cpu: ['POOL_CPU', 'NO_MACHINE_MATCHES'],
    memory: ['POOL_MEMORY', 'NO_MACHINE_MATCHES'],
  })
  await pool('updatePool', { poolId: made.pool.id, status: 'PAUSED' })
  await queue('updateQueue', { queueId: q.id, status: 'PAUSED', capacity: 0, projectIds: [await f.project('else')] })
  expect((await waits(runId)).nothing).toEqual([
    'QUEUE_PAUSED',
    'QUEUE_PAUSED',
    'QUEUE_PAUSED',
    'QUEUE_FULL',
    'MACHINE_OFFLINE',
  ])
  await f.change('pauseRun', 'PauseRunInput', { runId }, 'run { id }')
  expect((await waits(runId)).after).toEqual(['RUN_PAUSED', 'UPSTREAM'])
  await f.change('cancelRun', 'CancelRunInput', { runId }, 'run { id }')
  expect(await waits(runId)).toEqual({ cpu: [], memory: [], nothing: [], after: [], late: [] })
})

test('why they wait costs as many statements for a page of hundreds as for one', async () => {
  const { queue: q } = await queue('createQueue', { name: 'wide', capacity: 0 })
  const tasks = Array.from(
    { length: 120 },
    (_, at) => `  t${at}: { run: "true", queue: wide, resources: { cpu: 0.01 } }`,
  )
  const after = Array.from({ length: 80 }, (_, at) => `  u${at}: { noop: {}, queue: wide, needs: [t${at}] }`)
  const id = await f.trigger(await f.publish(projectId, `name: wide\ntasks:\n${[...tasks, ...after].join('\n')}`))
  const { pool: db } = f.services.database
  const original = db.query
  let count = 0
  db.query = ((...given: unknown[]) => {
    count += 1
    return (original as (...all: unknown[]) => unknown).apply(db, given)
  }) as typeof db.query
  const query = 'query ($id: ID!) { run(id: $id) { instances(first: 200) { nodes { waitReasons { code } } } } }'
  const { run } = await f.get(query, { id })
  db.query = original
  expect(run.instances.nodes.filter((node: Waits) => node.waitReasons.length > 0)).toHaveLength(200)
  // The tail looks at the head now and then, on the same pool.
  expect(count).toBeLessThanOrEqual(18)
  await f.change('cancelRun', 'CancelRunInput', { runId: id }, 'run { id }')
  expect((await queue('deleteQueue', { queueId: q.id })).userErrors).toEqual([])
})

test('the audit log says who changed what, from what', async () => {
  const { queue: q } = await queue('createQueue', { name: 'audited', capacity: 5 })
  await queue('updateQueue', { queueId: q.id, capacity: 6 })
  await queue('updateQueue', { queueId: q.id, capacity: 7 })
  const query = '{ auditLog(first: 1, filter: { entityType: "Queue" }) { nodes { action username details entityId } } }'
  const { auditLog } = await f.get(query)
  expect(auditLog.nodes).toEqual([
    expect.objectContaining({
      action: 'QueueSettingsChanged',
      username: 'admin',
      entityId: q.id,
      details: expect.objectContaining({
        before: expect.objectContaining({ capacity: 6 }),
        after: expect.objectContaining({ capacity: 7 }),
      }),
    }),
  ])
})
