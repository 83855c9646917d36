import { leafHash } from '../../../src/history/leaf.js'
import { drive } from '../../helpers/drive.js'
import { type Flow, openFlow } from '../../helpers/flow.js'

let f: Flow
let projectId: string
let dagId: string
let runId: string
beforeAll(async () => {
  f = await openFlow()
  projectId = await f.project('events')
  dagId = await f.publish(projectId, 'name: a\ntasks:\n  a: { noop: {} }\n  b: { noop: {}, needs: [a] }\n')
  runId = await f.trigger(dagId)
  await drive(f.services.bus)
})
afterAll(() => f.close(), 60_000)

const types = async (filter: object, token?: string): Promise<string[]> => {
  const query = 'query ($f: EventFilter) { events(filter: $f, first: 1000) { nodes { type } } }'
  return (await f.get(query, { f: filter }, token)).events.nodes.map(({ type }: { type: string }) => type)
}

test('filters find the events of a stream, a project, a DAG, a run, an instance, a type, an actor, a time', async () => {
  expect(await types({ streamId: dagId })).toEqual(['DagCreated', 'DagVersionPublished'])
  expect((await types({ dagId })).length).toBe(2 + 2 + 8 + 1)
  expect(await types({ runId, types: ['RunStarted', 'RunSucceeded'] })).toEqual(['RunStarted', 'RunSucceeded'])
  const { run } = await f.get('query ($id: ID!) { run(id: $id) { endedAt instance(taskKey: "a") { id } } }', {
    id: runId,
  })
  const own = ['InstanceQueued', 'InstanceDispatched', 'InstanceStarted', 'InstanceSucceeded']
  expect(await types({ instanceId: run.instance.id })).toEqual(own)
  expect(await types({ instanceId: run.instance.id, runId })).toEqual(own)
  expect(await types({ instanceId: run.instance.id, runId: 'run_other' })).toEqual([])
  expect(await types({ runId, recordedTo: '2020-01-01T00:00:00Z' })).toEqual([])
  const { viewer } = await f.get('{ viewer { id } }')
  expect(await types({ runId, actorId: viewer.id })).toEqual(['RunRequested', 'RunStarted', 'InstanceQueued'])
  expect(await types({ projectId, types: ['ProjectCreated'] })).toEqual(['ProjectCreated'])
})

test('events of no project are for administrators', async () => {
  expect(await types({ types: ['UserCreated'] })).not.toEqual([])
  const user = await f.makeUser('reader')
  await f.change(
    'grantProjectRole',
    'GrantProjectRoleInput',
    { projectId, userId: user.id, role: 'VIEWER' },
    'project { id }',
  )
  expect(await types({ types: ['UserCreated'] }, user.token)).toEqual([])
  expect(await types({ runId }, user.token)).toHaveLength(11)
  const { node } = await f.get('{ node(id: "event_1") { id } }', {}, user.token)
  expect(node).toBeNull()
  expect((await f.get('{ node(id: "event_1") { id ... on Event { type position } } }')).node).toMatchObject({
    id: 'event_1',
    position: '1',
  })
})

test('the leaf is what was hashed, and hashes chain the stream', async () => {
  const { run } = await f.get('query ($id: ID!) { run(id: $id) { events { nodes { hash leaf previousHash } } } }', {
    id: runId,
  })
  let before: string | null = null
  for (const { hash, leaf, previousHash } of run.events.nodes) {
    expect(previousHash).toBe(before)
    expect(leafHash(leaf)).toBe(hash)
    before = hash
  }
})

test('the journal says where it stands', async () => {
  const { journal } = await f.get(
    '{ journal { headPosition oldestOnlinePosition projections { name position lag matchesReplay } } }',
  )
  const [row] = await f.db.owner.query<{ head: number }>('SELECT max(position) AS head FROM event')
  expect(journal).toMatchObject({ headPosition: String(row?.head), oldestOnlinePosition: '1' })
  expect(journal.projections).toContainEqual({
    name: 'runs',
    position: journal.headPosition,
    lag: '0',
    matchesReplay: null,
  })
})
