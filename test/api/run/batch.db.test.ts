import { drive } from '../../helpers/drive.js'
import { type Flow, openFlow } from '../../helpers/flow.js'

let f: Flow
let projectId: string
let machines: { id: string; name: string }[]
beforeAll(async () => {
  f = await openFlow()
  projectId = await f.project('batches')
  const { machine } = await f.get('{ machine(name: "local") { id name } }')
  machines = [machine]
})
afterAll(() => f.close(), 60_000)

const RUN = 'run { id kind name description mode maxParallel status counts { total } }'
const batch = (input: object, token?: string) =>
  f.change('runBatch', 'RunBatchInput', { projectId, name: 'suite', mode: 'PARALLEL', ...input }, RUN, token)
const scripts = (...paths: string[]) => paths.map((path) => ({ path }))
const instancesOf = async (id: string, filter: object = {}) => {
  const fields =
    'taskKey name engine executor status verdict executionOrder errorMessage queue { name } script { path name module }'
  const query = `query ($id: ID!, $filter: InstanceFilter) { run(id: $id) { instances(filter: $filter) { nodes { ${fields} } } } }`
  return (await f.get(query, { id, filter })).run.instances.nodes
}

it('a batch is a run of scripts with a key, a name and a module each', async () => {
  const input = {
    name: 'nightly suite',
    description: 'all of it',
    maxParallel: 4,
    scripts: [
      { path: 'login/a.py' },
      { path: 'pay/a.py', module: 'billing' },
      { path: 'b.sh', arguments: ['-v'], timeoutSeconds: 1.5 },
    ],
  }
  const { run, userErrors } = await batch(input)
  expect(userErrors).toEqual([])
  expect(run).toMatchObject({
    kind: 'BATCH',
    name: 'nightly suite',
    description: 'all of it',
    mode: 'PARALLEL',
    maxParallel: 4,
  })
  expect(await instancesOf(run.id)).toMatchObject([
    {
      taskKey: 'a_py',
      name: 'login/a.py',
      executionOrder: 1,
      script: { path: 'login/a.py', name: 'a.py', module: 'login' },
    },
    {
      taskKey: 'a_py_2',
      executionOrder: 2,
      script: { path: 'pay/a.py', module: 'billing' },
      queue: { name: 'default' },
    },
    { taskKey: 'b_sh', executionOrder: 3, verdict: 'UNKNOWN', script: { module: null } },
  ])
})

it('a sequence runs one after the other, and with stopOnFailure a failure skips the rest', async () => {
  const order: string[] = []
  const { run } = await batch({
    mode: 'SEQUENTIAL',
    stopOnFailure: true,
    scripts: scripts('1.sh', '2.sh', '3.sh', '4.sh'),
  })
  expect(run).toMatchObject({ mode: 'SEQUENTIAL', maxParallel: 1 })
  const endOf = ({ taskKey }: { taskKey: string }) => {
    order.push(taskKey)
    return taskKey === '_2_sh' ? ({ outcome: 'FAILED', exitCode: 3 } as const) : {}
  }
  await drive(f.services.bus, endOf, machines)
  expect(order.filter((key) => key.startsWith('_'))).toEqual(['_1_sh', '_2_sh'])
  const ends = (await instancesOf(run.id)).map((each: { status: string; errorMessage: string }) => [
    each.status,
    each.errorMessage,
  ])
  expect(ends).toEqual([
    ['SUCCEEDED', null],
    ['FAILED', 'said FAILED'],
    ['SKIPPED', 'Not run: _2_sh ended FAILED'],
    ['SKIPPED', 'Not run: _2_sh ended FAILED'],
  ])
  const again = await f.change('rerun', 'RerunInput', { runId: run.id, scope: 'FAILED' }, 'run { id kind mode }')
  expect(again.run).toMatchObject({ kind: 'BATCH', mode: 'SEQUENTIAL' })
  await drive(f.services.bus, undefined, machines)
  const reused = await instancesOf(again.run.id)
  expect(reused.map(({ status }: { status: string }) => status)).toEqual(Array(4).fill('SUCCEEDED'))
  expect(order).toContain('_2_sh')
})

it('all that is wrong is said at once, in the words of the input', async () => {
  const { run, userErrors } = await batch({
    name: ' ',
    mode: 'SEQUENTIAL',
    maxParallel: 3,
    machineId: 'machine_00000000000000000000000000',
    queueId: 'queue_00000000000000000000000000',
    verdictRules: { junit: 'a', tap: true },
    scripts: [
      { path: 'a.sh' },
      { path: '', module: '' },
      { path: 'b.sh', timeoutSeconds: 0, executor: 'THREAD', interpreter: 'node' },
      { path: 'c.sh', interpreter: '', arguments: ['x'.repeat(20), 'y'] },
    ],
  })
  expect(run).toBeNull()
  expect(
    userErrors.map(({ code, path }: { code: string; path: string[] }) => `${code} ${path.join('.')}`).sort(),
  ).toEqual([
    'INVALID maxParallel',
    'INVALID name',
    'INVALID scripts.1.module',
    'INVALID scripts.1.path',
    'INVALID scripts.2.interpreter',
    'INVALID scripts.2.path',
    'INVALID scripts.2.timeoutSeconds',
    'INVALID scripts.3.interpreter',
    'INVALID verdictRules',
    'INVALID verdictRules',
    'NOT_FOUND machineId',
    'NOT_FOUND queueId',
  ])
  const messages = userErrors.map(({ message }: { message: string }) => message)
  expect(messages).toContain('verdictRules must have exactly one of junit, tap, rules, not junit and tap')
  expect(messages).toContainEqual(expect.stringMatching(/^scripts\[2\]\.path must be a file such as .* not "b\.sh"$/))
  expect(messages).toContain('scripts[2].timeoutSeconds must be longer than nothing, not 0')
  expect((await batch({ scripts: [] })).userErrors).toMatchObject([{ code: 'REQUIRED', path: ['scripts'] }])
})

it('a script that is executed as a thread is a module, found by path and word like any', async () => {
  const scripts = [{ path: 'checks/a.mjs', executor: 'THREAD', arguments: ['x'], module: 'billing' }]
  const { userErrors } = await batch({ scripts, verdictRules: { tap: true } })
  expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['verdictRules'] }])
  const { run } = await batch({ scripts })
  expect(await instancesOf(run.id)).toMatchObject([
    {
      engine: 'thread',
      executor: 'THREAD',
      script: { path: 'checks/a.mjs', name: 'a.mjs', module: 'billing' },
    },
  ])
})

it('a queue that drains, or is kept for others, takes none', async () => {
  const queue = async (name: string, input: object) => {
    const created = await f.change('createQueue', 'CreateQueueInput', { name, capacity: 1, ...input }, 'queue { id }')
    return created.queue.id as string
  }
  const draining = await queue('draining', {})
  await f.change('updateQueue', 'UpdateQueueInput', { queueId: draining, status: 'DRAINING' }, 'queue { id }')
  const kept = await queue('kept', { projectIds: [await f.project('keepers')] })
  for (const queueId of [draining, kept]) {
    const { run, userErrors } = await batch({ scripts: scripts('a.sh'), queueId })
    expect([run, userErrors]).toEqual([null, [expect.objectContaining({ path: ['queueId'] })]])
  }
})

it('10,000 scripts are one batch, and one more is too many', async () => {
  const many = Array.from({ length: 10_001 }, (_, at) => ({ path: `suite/module-${at % 100}/test-${at}.py` }))
  expect((await batch({ scripts: many })).userErrors).toMatchObject([{ code: 'TOO_LARGE', path: ['scripts'] }])
  const { run } = await batch({ scripts: many.slice(1), mode: 'SEQUENTIAL' })
  expect(run.counts.total).toBe(10_000)
  await f.change('cancelRun', 'CancelRunInput', { runId: run.id }, 'run { id }')
}, 120_000)

it('a repeat with the same key starts nothing, and who only operates may not run what nobody published', async () => {
  const input = { scripts: scripts('a.sh'), idempotencyKey: 'once' }
  const [first, second] = [await batch(input), await batch(input)]
  expect(second.run.id).toBe(first.run.id)
  const operator = await f.makeUser('olga')
  await f.change(
    'grantProjectRole',
    'GrantProjectRoleInput',
    { projectId, userId: operator.id, role: 'OPERATOR' },
    'project { id }',
  )
  await expect(batch({ scripts: scripts('a.sh') }, operator.token)).rejects.toThrow('FORBIDDEN')
})

it('instances are found by verdict, script and module, newest first, page by page', async () => {
  const other = await f.project('others')
  const verdicts = { 'x/p.sh': 'PASS', 'x/f.sh': 'FAIL', 'y/u.sh': undefined } as const
  for (let round = 0; round < 3; round += 1) {
    await batch({ scripts: scripts(...Object.keys(verdicts)) })
    await f.change(
      'runBatch',
      'RunBatchInput',
      { projectId: other, name: 'o', mode: 'PARALLEL', scripts: scripts('x/f.sh') },
      'run { id }',
    )
    await drive(f.services.bus, ({ taskKey }) => ({ ...verdictOf(taskKey) }), machines)
  }
  const find = async (filter: object, first = 10, after: string | null = null) => {
    const query = `query ($filter: InstanceFilter, $first: Int, $after: String) { instances(filter: $filter, first: $first, after: $after) {
      nodes { id verdict createdAt script { path } } totalCount pageInfo { hasNextPage endCursor } } }`
    return (await f.get(query, { filter, first, after })).instances
  }
  for (const [filter, count] of [
    [{ projectId, verdict: 'FAIL' }, 3],
    [{ verdict: 'FAIL' }, 6],
    [{ projectId, verdict: 'PASS' }, 3],
    [{ projectId, scriptPath: 'x/f.sh' }, 3],
    [{ scriptPath: 'x/f.sh' }, 6],
    [{ projectId, module: 'x' }, 6],
    [{ projectId, module: 'x', verdict: 'PASS' }, 3],
    [{ projectId, scriptPath: 'x/f.sh', verdict: 'PASS' }, 0],
    [{ projectId, scriptPath: 'y/u.sh', verdict: 'UNKNOWN' }, 3],
    [{ projectId, scriptPath: 'none.sh' }, 0],
  ] as const) {
    const { nodes, totalCount } = await find(filter)
    expect([filter, nodes.length, totalCount]).toEqual([filter, count, count])
    const times = nodes.map(({ createdAt }: { createdAt: string }) => createdAt)
    expect(times).toEqual([...times].sort().reverse())
  }
  const [page, all] = [await find({ verdict: 'FAIL' }, 4), await find({ verdict: 'FAIL' })]
  const rest = await find({ verdict: 'FAIL' }, 4, page.pageInfo.endCursor)
  expect([...page.nodes, ...rest.nodes]).toEqual(all.nodes)
})

function verdictOf(taskKey: string): { verdict?: 'PASS' | 'FAIL' } {
  if (taskKey === 'p_sh') return { verdict: 'PASS' }
  return taskKey === 'f_sh' ? { verdict: 'FAIL' } : {}
}
