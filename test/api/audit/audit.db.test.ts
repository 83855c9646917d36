import { openTestApi, type TestApi } from '../../helpers/api.js'
import { type Flow, openFlow } from '../../helpers/flow.js'

const LOG = `query ($filter: AuditFilter, $first: Int, $after: String, $last: Int, $before: String) {
  auditLog(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage endCursor startCursor }
    nodes { id position action entityType entityId user { username } username details outcome errorMessage ipAddress createdAt }
  }
}`

let it_: TestApi
let admin: string

beforeAll(async () => {
  it_ = await openTestApi()
  admin = await it_.tokenOf('admin')
})
afterAll(() => it_.close())

const log = async (filter: object = {}, args: object = {}, token = admin) =>
  (await it_.ask(LOG, { token, variables: { filter, ...args } })).data.auditLog
const countOf = async () =>
  Number((await it_.db.owner.query<{ n: number }>('SELECT count(*) AS n FROM access_log'))[0]?.n)

test('a change tells who, from where, of what, and what was before and after', async () => {
  const { id: userId } = await it_.makeUser('changed', { permissions: ['queues'] })
  const update = 'mutation ($i: UpdateUserInput!) { updateUser(input: $i) { position } }'
  const i = { userId, permissions: ['queues', 'audit'] }
  const { position } = (await it_.ask(update, { token: admin, variables: { i } })).data.updateUser
  const { nodes } = await log({ entityId: userId, action: 'UserRightsChanged' })
  expect(nodes).toEqual([
    {
      id: `audit_${position}`,
      position,
      action: 'UserRightsChanged',
      entityType: 'User',
      entityId: userId,
      user: { username: 'admin' },
      username: 'admin',
      details: {
        before: { role: 'USER', permissions: ['queues'] },
        after: { role: 'USER', permissions: ['queues', 'audit'] },
      },
      outcome: 'SUCCESS',
      errorMessage: null,
      ipAddress: '127.0.0.1',
      createdAt: expect.any(String),
    },
  ])
})

test('a role that was granted, changed and revoked: each with what was before', async () => {
  const { id: userId } = await it_.makeUser('roles')
  const create = 'mutation { createProject(input: {name: "audited"}) { project { id } } }'
  const projectId = (await it_.ask(create, { token: admin })).data.createProject.project.id
  const grant = (role: string) =>
    it_.ask(
      `mutation { grantProjectRole(input: {projectId: "${projectId}", userId: "${userId}", role: ${role}}) { position } }`,
      {
        token: admin,
      },
    )
  await grant('VIEWER')
  await grant('EDITOR')
  await it_.ask(
    `mutation { revokeProjectRole(input: {projectId: "${projectId}", userId: "${userId}"}) { position } }`,
    {
      token: admin,
    },
  )
  const { nodes } = await log({ entityId: projectId })
  expect(
    nodes.map(({ action, details }: { action: string; details: object }) => [action, details]).slice(0, 3),
  ).toEqual([
    ['ProjectRoleRevoked', { before: { userId, role: 'EDITOR' }, after: { userId } }],
    ['ProjectRoleGranted', { before: { userId, role: 'VIEWER' }, after: { userId, role: 'EDITOR' } }],
    ['ProjectRoleGranted', { before: null, after: { userId, role: 'VIEWER' } }],
  ])
})

describe('the first change tells what was before', () => {
  let f: Flow
  beforeAll(async () => {
    f = await openFlow()
  })
  afterAll(() => f.close())

  const change = async (mutation: string, input: object, selection: string) =>
    f.change(mutation, `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`, input, selection)
  /** What the last change of that kind says of that thing, before and after. */
  async function toldOf(entityId: string, action: string): Promise<{ before: object | null; after: object }> {
    const { auditLog } = await f.get(LOG, { filter: { entityId, action }, first: 1 })
    return auditLog.nodes[0].details
  }

  it('of a queue', async () => {
    const { queue } = await change('createQueue', { name: 'q', capacity: 3 }, 'queue { id pool { id } }')
    await change('updateQueue', { queueId: queue.id, status: 'PAUSED' }, '__typename')
    const before = { status: 'OPEN', capacity: 3, priority: 0, poolId: queue.pool.id, projectIds: [] }
    expect(await toldOf(queue.id, 'QueueSettingsChanged')).toEqual({ before, after: { ...before, status: 'PAUSED' } })
    await change('updateQueue', { queueId: queue.id, capacity: 5 }, '__typename')
    expect((await toldOf(queue.id, 'QueueSettingsChanged')).before).toEqual({ ...before, status: 'PAUSED' })
  })

  it('of a pool', async () => {
    const { pool } = await change('createPool', { name: 'p', totalCpu: 2, totalMemoryMb: 100 }, 'pool { id }')
    await change('updatePool', { poolId: pool.id, totalCpu: 4 }, '__typename')
    const before = { status: 'ACTIVE', totalCpu: 2, totalMemoryBytes: 100_000_000 }
    expect(await toldOf(pool.id, 'PoolSettingsChanged')).toEqual({ before, after: { ...before, totalCpu: 4 } })
  })

  it('of a machine', async () => {
    const { machine } = await f.get('{ machine(name: "local") { id slots pool { id } } }')
    await change('updateMachine', { machineId: machine.id, isDraining: true }, '__typename')
    const none = { labels: [], allowedRunUsers: [], projectIds: [], isDraining: false }
    const before = { ...none, slots: machine.slots, poolId: machine.pool.id }
    const told = await toldOf(machine.id, 'MachineSettingsChanged')
    expect(told).toEqual({ before, after: { ...before, isDraining: true } })
  })

  it('of an SLA', async () => {
    const conditions = { all: [{ fact: 'runDurationSeconds', operator: 'greaterThan', value: 5 }] }
    const { sla } = await change('createSla', { name: 's', conditions, actions: [] }, 'sla { id }')
    await change('updateSla', { slaId: sla.id, isEnabled: false }, '__typename')
    const before = { conditions, actions: [], priority: 0, isEnabled: true }
    expect(await toldOf(sla.id, 'SlaSettingsChanged')).toEqual({ before, after: { ...before, isEnabled: false } })
  })

  it("of a run's priority", async () => {
    const dagId = await f.publish(await f.project('runs'), 'name: a\ntasks: { t: { noop: {} } }')
    const runId = await f.trigger(dagId, { priority: 7 })
    for (const [priority, before] of [
      [9, 7],
      [-3, 9],
    ]) {
      await change('setRunPriority', { runId, priority }, '__typename')
      const told = await toldOf(runId, 'RunPriorityChanged')
      expect([told.before, told.after]).toMatchObject([{ priority: before }, { priority }])
    }
  })
})

test('sign-ins, refusals and denials stand in it too, in one order with the changes', async () => {
  const since = new Date().toISOString()
  const { token } = await it_.makeUser('tried')
  await it_.ask('mutation { signIn(input: {username: "tried", password: "not it"}) { position } }')
  await it_.ask('{ users { totalCount } }', { token })
  const missing = 'project_00000000000000000000000000'
  await it_.ask(`mutation { archiveProject(input: {projectId: "${missing}"}) { userErrors { code } } }`, { token })
  const { nodes } = await log({ from: since })
  const own = nodes.filter(({ username }: { username: string }) => username === 'tried')
  expect(own.map(({ action, outcome }: { action: string; outcome: string }) => `${action} ${outcome}`)).toEqual(
    expect.arrayContaining(['signIn SUCCESS', 'signIn FAILED', 'Query.users DENIED', 'archiveProject FAILED']),
  )
  expect(own.find(({ action }: { action: string }) => action === 'archiveProject')).toMatchObject({
    position: null,
    entityType: 'Project',
    entityId: missing,
    errorMessage: `Project ${missing} is not there`,
    ipAddress: '127.0.0.1',
  })
  const times = nodes.map(({ createdAt }: { createdAt: string }) => createdAt)
  expect(times).toEqual([...times].sort().reverse())
})

test('pages from either end hold every entry once, whatever their size', async () => {
  const to = new Date().toISOString()
  const all = (await log({ to }, { first: 100 })).nodes.map(({ id }: { id: string }) => id)
  expect(all.length).toBeGreaterThan(10)
  for (const size of [1, 3, 7]) {
    const forward: string[] = []
    for (let after: string | null = null; ; ) {
      const page = await log({ to }, { first: size, after })
      forward.push(...page.nodes.map(({ id }: { id: string }) => id))
      if (!page.pageInfo.hasNextPage) break
      after = page.pageInfo.endCursor
    }
    expect(forward).toEqual(all)
  }
  const last = await log({ to }, { last: 4 })
  expect(last.nodes.map(({ id }: { id: string }) => id)).toEqual(all.slice(-4))
  const { nodes } = await log({ to }, { last: 4, before: last.pageInfo.startCursor })
  expect(nodes.map(({ id }: { id: string }) => id)).toEqual(all.slice(-8, -4))
  expect((await log({ to })).totalCount).toBe(all.length)
})

test('each filter leaves what it names', async () => {
  const all = (await log({}, { first: 100 })).nodes
  const adminId = (await it_.ask('{ viewer { id } }', { token: admin })).data.viewer.id
  for (const outcome of ['SUCCESS', 'FAILED', 'DENIED']) {
    const { nodes } = await log({ outcome }, { first: 100 })
    expect(new Set(nodes.map((node: { outcome: string }) => node.outcome))).toEqual(new Set([outcome]))
  }
  const mine = (await log({ userId: adminId }, { first: 100 })).nodes
  expect(new Set(mine.map((node: { username: string }) => node.username))).toEqual(new Set(['admin']))
  const projects = (await log({ entityType: 'Project' }, { first: 100 })).nodes
  expect(new Set(projects.map((node: { entityType: string }) => node.entityType))).toEqual(new Set(['Project']))
  expect((await log({ entityType: 'Nonsense' })).nodes).toEqual([])
  const times = all.map(({ createdAt }: { createdAt: string }) => createdAt)
  const middle = times[Math.floor(times.length / 2)]
  const earlier = (await log({ to: middle }, { first: 100 })).nodes
  expect(earlier.map(({ createdAt }: { createdAt: string }) => createdAt)).toEqual(
    times.filter((time: string) => time < middle),
  )
  expect(earlier.length).toBeGreaterThan(0)
})

test('it is for who has the permission, by every way in', async () => {
  const { token: plain } = await it_.makeUser('plain')
  const { token: auditor } = await it_.makeUser('reader', { permissions: ['audit'] })
  expect((await it_.ask(LOG, { token: plain })).errors[0]?.extensions.code).toBe('FORBIDDEN')
  expect((await log({}, {}, auditor)).nodes.length).toBeGreaterThan(0)
  const [{ id: first }] = (await log({ outcome: 'FAILED' })).nodes
  const node = (id: string, token: string) => it_.ask(`{ node(id: "${id}") { id } }`, { token })
  for (const id of ['audit_1', first]) {
    expect((await node(id, plain)).data.node).toBeNull()
    expect((await node(id, auditor)).data.node).toEqual({ id })
  }
})

test('who reads it leaves a trace in it; who looks at anything else leaves none', async () => {
  const before = await countOf()
  await it_.ask('{ viewer { username permissions } projects { totalCount nodes { id members { role } } } }', {
    token: admin,
  })
  expect(await countOf()).toBe(before)
  const filter = { action: 'a-trace' }
  await log(filter)
  expect(await countOf()).toBe(before + 1)
  const { nodes } = await log({ action: 'readAuditLog' })
  expect(nodes[1]).toMatchObject({ username: 'admin', details: { filter }, outcome: 'SUCCESS' })
})

test('no personal data of the journal is needed for it: addresses stand beside the commands', async () => {
  const events = JSON.stringify(await it_.db.owner.query('SELECT e::text FROM event e'))
  expect(events).not.toContain('127.0.0.1')
})
