import { drive, send } from '../../helpers/drive.js'
import { type Flow, openFlow } from '../../helpers/flow.js'

const SOURCE = `
name: flow
parameters: { type: object, properties: { n: { type: integer }, day: { type: string, default: today } }, required: [n] }
tasks:
  zeta: { noop: {} }
  alpha: { noop: {}, needs: [zeta] }
  mid: { noop: {}, needs: [zeta] }
  last: { noop: {}, needs: [alpha, mid], when: ALL_DONE }
`
let f: Flow
let projectId: string
let dagId: string
beforeAll(async () => {
  f = await openFlow()
  projectId = await f.project('runs')
  dagId = await f.publish(projectId, SOURCE)
})
afterAll(() => f.close(), 60_000)

const rerun = (runId: string, more: object) =>
  f.change(
    'rerun',
    'RerunInput',
    { runId, ...more },
    'run { id trigger parentRun { id } rootRun { id } parameters tags }',
  )
const statuses = async (runId: string) => {
  const { run } = await f.get(
    'query ($id: ID!) { run(id: $id) { instances { nodes { taskKey status attempts { number } output } } } }',
    { id: runId },
  )
  return Object.fromEntries(
    run.instances.nodes.map((i: { taskKey: string; status: string; attempts: unknown[] }) => [
      i.taskKey,
      `${i.status} ${i.attempts.length}`,
    ]),
  )
}

test('what is wrong with a request is said all at once, and nothing runs', async () => {
  const payload = await f.change(
    'triggerRun',
    'TriggerRunInput',
    { dagId, parameters: { day: 5 }, priority: 101, tags: [''], version: 1 },
    'run { id }',
  )
  expect(payload.run).toBeNull()
  expect(payload.userErrors.map(({ code, path }: { code: string; path: string[] }) => [code, ...path])).toEqual([
    ['REQUIRED', 'parameters', 'n'],
    ['SCHEMA_VIOLATION', 'parameters', 'day'],
    ['INVALID', 'tags', '0'],
    ['INVALID', 'priority'],
  ])
  const noVersion = await f.change(
    'triggerRun',
    'TriggerRunInput',
    { dagId, version: 9, parameters: { n: 1 } },
    'run { id }',
  )
  expect(noVersion.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['version'] }])
})

test('a key starts one run, however often it comes, and also when a repeat would be refused by now', async () => {
  const input = { dagId, parameters: { n: 1 }, logicalDate: '2026-01-01T00:00:00Z', idempotencyKey: 'once' }
  const [one, two] = await Promise.all([f.trigger(dagId, input), f.trigger(dagId, input)])
  expect(one).toBe(two)
  await f.publish(projectId, SOURCE.replace('required: [n]', 'required: [n, more]'))
  expect(await f.trigger(dagId, input)).toBe(one)
  await f.publish(projectId, SOURCE)
})

test('a rerun of what failed takes over the rest with its output', async () => {
  const runId = await f.trigger(dagId, { parameters: { n: 2 }, tags: ['x'] })
  const early = await rerun(runId, { scope: 'ALL' })
  expect(early.userErrors).toMatchObject([{ code: 'NOT_ALLOWED_IN_STATE', path: ['runId'] }])
  await drive(f.services.bus, ({ taskKey }) =>
    taskKey === 'mid' ? { outcome: 'FAILED' } : { output: { of: taskKey } },
  )
  const again = await rerun(runId, { scope: 'FAILED' })
  expect(again.run).toMatchObject({
    trigger: 'RERUN',
    parentRun: { id: runId },
    rootRun: { id: runId },
    parameters: { n: 2, day: 'today' },
    tags: ['x'],
  })
  const ran = (await drive(f.services.bus)).map(({ taskKey }) => taskKey)
  expect(ran).toEqual(['mid'])
  expect(await statuses(again.run.id)).toEqual({
    zeta: 'SUCCEEDED 0',
    alpha: 'SUCCEEDED 0',
    mid: 'SUCCEEDED 1',
    last: 'SUCCEEDED 0',
  })
  const { run } = await f.get('query ($id: ID!) { run(id: $id) { output instance(taskKey: "mid") { input } } }', {
    id: again.run.id,
  })
  expect(run).toEqual({
    output: { last: { of: 'last' } },
    instance: { input: { parameters: { n: 2, day: 'today' }, outputs: { zeta: { of: 'zeta' } } } },
  })
  const keys = await rerun(runId, { scope: 'TASKS', taskKeys: ['nobody'] })
  expect(keys.userErrors).toMatchObject([{ code: 'UNKNOWN_REFERENCE', path: ['taskKeys'] }])
})

test('a run is paused, resumed, canceled; an instance canceled, forced, retried', async () => {
  const runId = await f.trigger(dagId, { parameters: { n: 3 } })
  const steer = (what: string, type: string, more: object = {}) =>
    f.change(what, type, { runId, ...more }, 'run { status }')
  expect((await steer('pauseRun', 'PauseRunInput')).run.status).toBe('PAUSED')
  expect(await drive(f.services.bus)).toEqual([])
  const prioritize = (priority: number) =>
    f.change('setRunPriority', 'SetRunPriorityInput', { runId, priority }, 'run { priority version }')
  const changed = await prioritize(40)
  expect(changed.run.priority).toBe(40)
  expect((await prioritize(40)).run.version).toBe(changed.run.version)
  expect((await prioritize(101)).userErrors).toMatchObject([{ code: 'INVALID', path: ['priority'] }])
  expect((await steer('resumeRun', 'ResumeRunInput')).run.status).toBe('RUNNING')
  const [claimed] = await drive(f.services.bus, () => ({ outcome: null }))
  const instanceId = claimed?.instanceId
  const decide = (what: string, type: string, more: object = {}) =>
    f.change(what, type, { instanceId, ...more }, 'instance { status errorMessage }')
  expect((await decide('retryInstance', 'RetryInstanceInput')).userErrors).toMatchObject([
    { code: 'NOT_ALLOWED_IN_STATE' },
  ])
  expect(
    (await decide('forceInstance', 'ForceInstanceInput', { status: 'RUNNING', reason: ' ' })).userErrors,
  ).toMatchObject([
    { code: 'INVALID', path: ['status'] },
    { code: 'REQUIRED', path: ['reason'] },
  ])
  expect((await decide('cancelInstance', 'CancelInstanceInput', { reason: 'no' })).instance.status).toBe('CANCELING')
  const nothing = { exitCode: null, errorMessage: null, cpuSeconds: null }
  const { fence } = claimed as { fence: number }
  await send(f.services.bus, runId, {
    type: 'ReportEnded',
    task: 'zeta',
    fence,
    outcome: 'STOPPED',
    result: nothing,
    output: null,
  })
  await drive(f.services.bus)
  expect(await statuses(runId)).toMatchObject({ zeta: 'CANCELED 1', alpha: 'UPSTREAM_FAILED 0' })
  const ended = await steer('cancelRun', 'CancelRunInput', { reason: 'late' })
  expect(ended.userErrors).toMatchObject([{ code: 'NOT_ALLOWED_IN_STATE' }])
})

test('runs are invisible to strangers; a VIEWER reads and may not steer', async () => {
  const runId = await f.trigger(dagId, { parameters: { n: 4 } })
  const user = await f.makeUser('viewer')
  const look = () =>
    f.get(
      'query ($id: ID!, $dag: ID) { run(id: $id) { id } node(id: $id) { id } runs(filter: {dagId: $dag}) { totalCount } instances(filter: {runId: $id}) { totalCount } events(filter: {runId: $id}) { totalCount nodes { id } } }',
      { id: runId, dag: dagId },
      user.token,
    )
  expect(await look()).toEqual({
    run: null,
    node: null,
    runs: { totalCount: 0 },
    instances: { totalCount: 0 },
    events: { totalCount: 0, nodes: [] },
  })
  const cancel = () => f.change('cancelRun', 'CancelRunInput', { runId }, 'run { status }', user.token)
  expect((await cancel()).userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['runId'] }])
  await f.change(
    'grantProjectRole',
    'GrantProjectRoleInput',
    { projectId, userId: user.id, role: 'VIEWER' },
    'project { id }',
  )
  const seen = await look()
  expect(seen).toMatchObject({ run: { id: runId }, node: { id: runId }, instances: { totalCount: 4 } })
  expect(seen.events.totalCount).toBeGreaterThan(2)
  await expect(cancel()).rejects.toThrow('FORBIDDEN')
})

test('every version of a run can be seen again, and its last one is what the rows say', async () => {
  const runId = await f.trigger(dagId, { parameters: { n: 5 } })
  await drive(f.services.bus, ({ taskKey }) => (taskKey === 'alpha' ? { outcome: 'FAILED', exitCode: 7 } : {}))
  const state =
    'version status counts { total succeeded failed queued running pending completed } instances { nodes { taskKey status attempt exitCode queuedAt startedAt endedAt } }'
  const live = await f.get(
    'query ($id: ID!) { run(id: $id) { version status counts { total succeeded failed queued running pending completed } instances { nodes { taskKey status exitCode queuedAt startedAt endedAt } } endedAt } }',
    { id: runId },
  )
  const { run } = await f.get(
    `query ($id: ID!, $v: Int, $t: DateTime) { run(id: $id) { a: asOf(version: $v) { ${state} } b: asOf(time: $t) { ${state} } first: asOf(version: 1) { ${state} } none: asOf(version: 999) { version } before: asOf(time: "2020-01-01T00:00:00Z") { version } } }`,
    { id: runId, v: live.run.version, t: live.run.endedAt },
  )
  const { endedAt, ...rows } = live.run
  const withoutAttempt = (s: typeof run.a) => ({
    ...s,
    instances: { nodes: s.instances.nodes.map(({ attempt: _, ...rest }: { attempt: number }) => rest) },
  })
  expect(withoutAttempt(run.a)).toEqual(rows)
  expect(run.b).toEqual(run.a)
  expect(run.first).toMatchObject({ status: 'QUEUED', counts: { total: 4, pending: 4, completed: 0 } })
  expect(run).toMatchObject({ none: null, before: null })
})
