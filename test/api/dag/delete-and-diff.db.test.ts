import { type Flow, openFlow } from '../../helpers/flow.js'
import { checkJournal } from '../../history/check-journal.js'
import { checkReplay } from '../../projections/check-replay.js'

let f: Flow
beforeAll(async () => {
  f = await openFlow()
})
afterAll(() => f.close(), 60_000)

const remove = (dagId: string, token?: string) =>
  f.change('deleteDag', 'DeleteDagInput', { dagId }, 'dag { id deletedAt }', token)

test('a deleted DAG takes no new runs; what it was and what runs of it stay', async () => {
  const projectId = await f.project('deleting')
  const dagId = await f.publish(projectId, 'name: a\nrun: echo 1\n')
  const runId = await f.trigger(dagId)
  const gone = await remove(dagId)
  expect(gone).toMatchObject({ dag: { id: dagId, deletedAt: expect.any(String) }, userErrors: [] })
  expect(await remove(dagId)).toMatchObject({ dag: gone.dag, userErrors: [], position: null })
  const query = `query ($id: ID!, $run: ID!) {
    dag(project: "deleting", name: "a") { id }
    dags(filter: { projectId: "${projectId}" }) { totalCount }
    tasks(projectId: "${projectId}") { totalCount }
    node(id: $id) { ... on Dag { name deletedAt versions { nodes { number source } } runs { nodes { id } } } }
    run(id: $run) { status dag { id } dagVersion { number } }
    events(filter: { dagId: $id }) { nodes { type } }
  }`
  const data = await f.get(query, { id: dagId, run: runId })
  expect(data).toMatchObject({ dag: null, dags: { totalCount: 0 }, tasks: { totalCount: 0 } })
  expect(data.node).toMatchObject({
    name: 'a',
    deletedAt: gone.dag.deletedAt,
    versions: { nodes: [{ number: 1, source: 'name: a\nrun: echo 1\n' }] },
    runs: { nodes: [{ id: runId }] },
  })
  expect(data.run).toEqual({ status: 'RUNNING', dag: { id: dagId }, dagVersion: { number: 1 } })
  expect(data.events.nodes.map(({ type }: { type: string }) => type)).toContain('DagDeleted')
  const notAllowed = { userErrors: [{ code: 'NOT_ALLOWED_IN_STATE', path: ['dagId'] }] }
  expect(await f.change('triggerRun', 'TriggerRunInput', { dagId }, 'run { id }')).toMatchObject(notAllowed)
  const enable = { dagId, isEnabled: false }
  expect(await f.change('setDagEnabled', 'SetDagEnabledInput', enable, 'dag { id }')).toMatchObject(notAllowed)
  await f.change('cancelRun', 'CancelRunInput', { runId }, 'run { id }')
  expect(await f.change('rerun', 'RerunInput', { runId, scope: 'ALL' }, 'run { id }')).toMatchObject({
    userErrors: [{ code: 'NOT_ALLOWED_IN_STATE', path: ['runId'] }],
  })
})

test('its name is free again: who publishes it makes another DAG', async () => {
  const projectId = await f.project('again')
  const first = await f.publish(projectId, 'name: a\nrun: echo 1\n')
  await remove(first)
  const second = await f.publish(projectId, 'name: a\nrun: echo 1\n')
  expect(second).not.toBe(first)
  const { dag } = await f.get('{ dag(project: "again", name: "a") { id latestVersion { number } } }')
  expect(dag).toEqual({ id: second, latestVersion: { number: 1 } })
})

test('a VIEWER may not delete, an EDITOR may', async () => {
  const projectId = await f.project('deleters')
  const dagId = await f.publish(projectId, 'name: a\nrun: echo 1\n')
  const user = await f.makeUser('deleter')
  const grant = (role: string) =>
    f.change('grantProjectRole', 'GrantProjectRoleInput', { projectId, userId: user.id, role }, 'project { id }')
  expect(await remove(dagId, user.token)).toMatchObject({ userErrors: [{ code: 'NOT_FOUND', path: ['dagId'] }] })
  await grant('VIEWER')
  await expect(remove(dagId, user.token)).rejects.toThrow('FORBIDDEN')
  await grant('EDITOR')
  expect(await remove(dagId, user.token)).toMatchObject({ userErrors: [] })
})

test('a version says what differs from another of its DAG', async () => {
  const projectId = await f.project('diffs')
  await f.publish(projectId, 'name: a\ntasks: { x: { run: echo 1 }, y: { noop: {} } }\n')
  const dagId = await f.publish(projectId, '# in words\nname: a\ntasks: { x: { run: echo 2 } }\ntimeout: 1h\n')
  const diff = async (from: number) => {
    const query =
      'query ($id: ID!, $from: Int!) { node(id: $id) { ... on Dag { latestVersion { diff(from: $from) } } } }'
    return (await f.get(query, { id: dagId, from })).node.latestVersion.diff
  }
  expect(await diff(1)).toEqual({
    changes: [{ key: 'timeout', after: '1h' }],
    tasks: {
      added: [],
      removed: [{ key: 'y', before: { noop: {} } }],
      changed: [{ key: 'x', changes: [{ key: 'run', before: 'echo 1', after: 'echo 2' }] }],
    },
  })
  expect(await diff(2)).toEqual({ changes: [], tasks: { added: [], removed: [], changed: [] } })
  await expect(diff(3)).rejects.toThrow('BAD_USER_INPUT')
})

test('a replay gives the same rows', async () => {
  const { events } = await checkJournal(f.db.database)
  // In batches, too, that hold the end of a DAG together with the beginning of the next one of its name.
  for (const batch of [2, 3, 5, 777]) await checkReplay(f.db, events, batch)
})
