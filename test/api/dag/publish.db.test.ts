import { type Flow, openFlow } from '../../helpers/flow.js'

let f: Flow
beforeAll(async () => {
  f = await openFlow()
})
afterAll(() => f.close(), 60_000)

const PAYLOAD = 'dag { id name } dagVersion { id number } problems { message code path line column }'
const publish = (projectId: string, source: string, more: object = {}, token?: string) =>
  f.change('publishDag', 'PublishDagInput', { projectId, source, ...more }, PAYLOAD, token)

test('a changed file is a new version, an unchanged one is none', async () => {
  const projectId = await f.project('versions')
  const first = await publish(projectId, 'name: a\nrun: echo 1\n')
  expect(first).toMatchObject({ dag: { name: 'a' }, dagVersion: { number: 1 }, problems: [], userErrors: [] })
  expect(Number(first.position)).toBeGreaterThan(0)
  const same = await publish(projectId, 'name: a\nrun: echo 1\n')
  expect(same).toMatchObject({ dagVersion: { id: first.dagVersion.id, number: 1 }, position: null })
  const second = await publish(projectId, 'name: a\nrun: echo 2\n', { expectedVersion: 1 })
  expect(second).toMatchObject({ dag: { id: first.dag.id }, dagVersion: { number: 2 } })
  const stale = await publish(projectId, 'name: a\nrun: echo 3\n', { expectedVersion: 1 })
  expect(stale).toMatchObject({
    dag: null,
    userErrors: [{ code: 'CONFLICT', path: ['expectedVersion'] }],
    position: null,
  })
})

test('a repeat with the same key answers what it answered, with another input it is a CONFLICT', async () => {
  const projectId = await f.project('keys')
  const first = await publish(projectId, 'name: a\nrun: echo 1\n', { idempotencyKey: 'k' })
  await publish(projectId, 'name: a\nrun: echo 2\n')
  const again = await publish(projectId, 'name: a\nrun: echo 1\n', { idempotencyKey: 'k' })
  expect(again).toEqual(first)
  await expect(publish(projectId, 'name: a\nrun: echo 3\n', { idempotencyKey: 'k' })).rejects.toThrow('CONFLICT')
})

test('names that lead nowhere are problems with their place, as checkDag says too', async () => {
  const projectId = await f.project('names')
  const source =
    'name: a\ndefaults: { queue: never }\ntasks:\n  one:\n    run: "true"\n    queue: nowhere\n  two:\n    run: "true"\n'
  const code = 'UNKNOWN_REFERENCE'
  const problems = [
    { code, path: ['defaults', 'queue'], line: 2, column: 20, message: 'Queue never does not exist' },
    { code, path: ['tasks', 'one', 'queue'], line: 6, column: 12, message: 'Queue nowhere does not exist' },
  ]
  expect(await publish(projectId, source)).toMatchObject({ dag: null, problems, userErrors: [] })
  const query =
    'query ($s: String!) { checkDag(source: $s) { isValid definition problems { message code path line column } } }'
  const { checkDag } = await f.get(query, { s: source })
  expect(checkDag).toEqual({ isValid: false, definition: null, problems })
})

test('two who publish a new name at once make one DAG with two versions', async () => {
  const projectId = await f.project('race')
  const all = await Promise.all(
    Array.from({ length: 6 }, (_, at) => publish(projectId, `name: same\nrun: echo ${at}\n`)),
  )
  expect(new Set(all.map(({ dag }) => dag?.id)).size).toBe(1)
  expect(all.map(({ dagVersion }) => dagVersion?.number).sort()).toEqual([1, 2, 3, 4, 5, 6])
})

test('who is no member sees no project, a VIEWER may not publish, an EDITOR may', async () => {
  const projectId = await f.project('roles')
  const user = await f.makeUser('eve')
  const source = 'name: a\nrun: "true"\n'
  expect(await publish(projectId, source, {}, user.token)).toMatchObject({
    dag: null,
    userErrors: [{ code: 'NOT_FOUND', path: ['projectId'] }],
  })
  const grant = (role: string) =>
    f.change('grantProjectRole', 'GrantProjectRoleInput', { projectId, userId: user.id, role }, 'project { id }')
  await grant('VIEWER')
  await expect(publish(projectId, source, {}, user.token)).rejects.toThrow('FORBIDDEN')
  await grant('EDITOR')
  expect(await publish(projectId, source, {}, user.token)).toMatchObject({ dagVersion: { number: 1 } })
})

test('DAGs are listed by name, found by part of it, and only where the viewer is a member', async () => {
  const mine = await f.project('mine')
  const other = await f.project('other')
  const user = await f.makeUser('lister')
  await f.change(
    'grantProjectRole',
    'GrantProjectRoleInput',
    { projectId: mine, userId: user.id, role: 'VIEWER' },
    'project { id }',
  )
  for (const name of ['b_1', 'a', 'c%'])
    await f.publish(mine, `name: "${name.replace('%', '.')}"\ntaskType: list\nrun: "true"\n`)
  await f.publish(other, 'name: hidden\ntaskType: list\nrun: "true"\n')
  const names = async (filter: object, token?: string) => {
    const query = 'query ($f: DagFilter) { dags(filter: $f) { totalCount nodes { name state isEnabled } } }'
    return (await f.get(query, { f: filter }, token)).dags.nodes.map(({ name }: { name: string }) => name)
  }
  expect(await names({ taskType: 'list' }, user.token)).toEqual(['a', 'b_1', 'c.'])
  expect(await names({ taskType: 'list' })).toEqual(['a', 'b_1', 'c.', 'hidden'])
  expect(await names({ taskType: 'list', search: '_' })).toEqual(['b_1'])
  expect(await names({ projectId: other }, user.token)).toEqual([])
  expect(await names({ projectId: mine, states: ['RUNNING'] })).toEqual([])
  const dag = await f.get(
    '{ dag(project: "mine", name: "a") { id } hidden: dag(project: "other", name: "hidden") { id } }',
    {},
    user.token,
  )
  expect(dag.hidden).toBeNull()
  const off = await f.change(
    'setDagEnabled',
    'SetDagEnabledInput',
    { dagId: dag.dag.id, isEnabled: false },
    'dag { isEnabled }',
  )
  expect(off.dag.isEnabled).toBe(false)
  expect(await names({ projectId: mine, isEnabled: false })).toEqual(['a'])
})
