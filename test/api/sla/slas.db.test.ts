import { drive } from '../../helpers/drive.js'
import { Line } from '../../helpers/socket-line.js'
import { openSlaStage, type SlaStage } from '../../reactors/sla-stage.js'

const LATE = { all: [{ fact: 'runDurationSeconds', operator: 'greaterThan', value: 5 }] }
const DEEP = { all: [{ fact: 'queueDepth', operator: 'greaterThan', value: 5 }] }

let stage: SlaStage
let projectId: string
let dagId: string
let queueId: string

beforeAll(async () => {
  stage = await openSlaStage()
  projectId = await stage.project('p')
  dagId = await stage.publish(projectId, 'name: slow\ntasks: { a: { noop: {} } }')
  queueId = (await stage.get('{ queue(name: "default") { id } }')).queue.id
})
afterAll(() => stage.close())

/** The paths of what is wrong; `FORBIDDEN` and the like for what may not be asked. */
async function wrong(input: object, token = stage.admin): Promise<string[]> {
  const query = 'mutation ($i: CreateSlaInput!) { createSla(input: $i) { userErrors { path } } }'
  const i = { name: 'wrong', conditions: LATE, actions: [], ...input }
  const { data, errors } = await stage.ask(query, { token, variables: { i } })
  if (errors.length > 0) return errors.map(({ extensions }) => extensions.code)
  return data.createSla.userErrors.map(({ path }: { path: string[] }) => path.join('.'))
}

async function member(name: string, role: string): Promise<string> {
  const { id, token } = await stage.makeUser(name)
  await stage.change('grantProjectRole', 'GrantProjectRoleInput', { projectId, userId: id, role }, '__typename')
  return token
}

it('says everything that is wrong at once, where it is wrong', async () => {
  const conditions = { all: [{ fact: 'runLength', operator: 'longer', value: 'x' }] }
  const actions = [{ type: 'webhook', url: 'mailto:a@b' }, { type: 'shout' }]
  expect(await wrong({ name: '9', projectId, conditions, actions, priority: 200 })).toEqual([
    'name',
    'priority',
    'conditions.all.0.fact',
    'actions.0.url',
    'actions.1.type',
  ])
  expect(await wrong({ dagId, taskKey: 'z', conditions: LATE })).toEqual(['taskKey'])
  expect(await wrong({ projectId, queueId })).toEqual(['queueId'])
  const raise = [{ type: 'raisePriority', by: 10 }]
  expect(await wrong({ queueId, conditions: DEEP, actions: raise })).toEqual(['actions.0.type'])
  const missing = `dag_${'0'.repeat(26)}`
  expect(await wrong({ projectId, actions: [{ type: 'triggerDag', dagId: missing }] })).toEqual(['actions.0.dagId'])
  const nobody = `user_${'0'.repeat(26)}`
  expect(await wrong({ projectId, actions: [{ type: 'email', to: ['a@b', nobody] }] })).toEqual(['actions.0.to.1'])
})

it('people who may not see what is watched are not written to', async () => {
  const { id: member } = await stage.makeUser('reader')
  const { id: stranger } = await stage.makeUser('outsider')
  const { id: admin } = await stage.makeUser('root', { role: 'ADMIN' })
  const grant = { projectId, userId: member, role: 'VIEWER' }
  await stage.change('grantProjectRole', 'GrantProjectRoleInput', grant, '__typename')
  const actions = [{ type: 'email', to: ['a@b', member, stranger, admin] }]
  expect(await wrong({ projectId, actions })).toEqual(['actions.0.to.2'])
  expect(await wrong({ actions })).toEqual(['actions.0.to.1', 'actions.0.to.2'])
  expect(await wrong({ name: 'told', queueId, conditions: DEEP, actions })).toEqual([])
  const { sla } = await stage.get('{ sla(name: "told") { id } }')
  await stage.change('deleteSla', 'DeleteSlaInput', { slaId: sla.id }, '__typename')
})

it('who may not do it by hand may not have an SLA do it', async () => {
  const [viewer, editor] = [await member('viewer', 'VIEWER'), await member('editor', 'EDITOR')]
  const queues = (await stage.makeUser('queues', { permissions: ['queues'] })).token
  const pause = [{ type: 'pauseQueue', queueId }]
  expect(await wrong({ projectId }, viewer)).toEqual(['FORBIDDEN'])
  expect(await wrong({ projectId, actions: pause }, editor)).toEqual(['FORBIDDEN'])
  expect(await wrong({}, editor)).toEqual(['FORBIDDEN'])
  expect(await wrong({ queueId, conditions: DEEP }, editor)).toEqual(['FORBIDDEN'])
  expect(await wrong({ projectId, conditions: LATE }, queues)).toEqual(['projectId'])
  expect(await wrong({ name: 'editors', projectId }, editor)).toEqual([])
  expect(await wrong({ name: 'editors', projectId }, editor)).toEqual(['name'])
  expect(await wrong({ name: 'deep', queueId, conditions: DEEP, actions: pause }, queues)).toEqual([])
  const stranger = (await stage.makeUser('stranger')).token
  await stage.sla({ name: 'all', conditions: LATE, actions: [] })
  const seen = async (token: string) => {
    const { slas } = await stage.get('{ slas { totalCount nodes { name project { name } } } }', {}, token)
    return slas.nodes.map(({ name }: { name: string }) => name)
  }
  expect(await seen(stranger)).toEqual(['deep'])
  expect(await seen(viewer)).toEqual(['deep', 'editors'])
  expect(await seen(stage.admin)).toEqual(['all', 'deep', 'editors'])
  const made = await stage.sla({ name: 'pausing', projectId, conditions: LATE, actions: pause })
  const change = async (input: object) => {
    const query = 'mutation ($i: UpdateSlaInput!) { updateSla(input: $i) { userErrors { path } } }'
    const { errors } = await stage.ask(query, { token: editor, variables: { i: { slaId: made, ...input } } })
    return errors.map(({ extensions }) => extensions.code)
  }
  expect(await change({ conditions: LATE })).toEqual(['FORBIDDEN'])
  expect(await change({ isEnabled: false })).toEqual([])
  expect(await change({ isEnabled: true })).toEqual(['FORBIDDEN'])
  const { sla } = await stage.get('{ sla(name: "editors") { id } }', {}, stranger)
  expect(sla).toBeNull()
})

it('a breach is followed by whoever sees its SLA, from a position on', async () => {
  const stranger = (await stage.makeUser('other')).token
  const slaId = await stage.sla({ name: 'late', dagId, conditions: LATE, actions: [] })
  const runId = await stage.trigger(dagId)
  await drive(stage.services.bus, () => ({ outcome: null }))
  const { position } = (await stage.get('{ events(last: 1) { nodes { position } } }')).events.nodes[0]
  const url = `${(await stage.api.listen('127.0.0.1', 0)).replace('http', 'ws')}/graphql`
  const [mine, theirs] = [await Line.signedIn(url, stage.admin), await Line.signedIn(url, stranger)]
  const fields = 'position breach { sla { name } run { id } resolvedAt }'
  const query = `subscription { slaBreached(after: "${position}") { ${fields} } }`
  for (const line of [mine, theirs]) line.send({ id: '1', type: 'subscribe', payload: { query } })
  stage.time.aheadMs = 6_000
  await stage.slaClock.runOnce()
  const names: string[] = []
  while (!names.includes('late')) {
    const { breach } = (await mine.next()).payload.data.slaBreached
    names.push(breach.sla.name)
    expect(breach.run.id).toBe(runId)
  }
  expect(names.sort()).toEqual(['all', 'editors', 'late'])
  await stage.change('deleteSla', 'DeleteSlaInput', { slaId }, 'sla { name }')
  const { breach } = (await mine.next()).payload.data.slaBreached
  expect([breach.sla.name, breach.resolvedAt === null]).toEqual(['late', false])
  // What the other sees comes after all that: none of it was theirs.
  await stage.sla({
    name: 'busy',
    queueId,
    conditions: { all: [{ ...DEEP.all[0], fact: 'queueLoad', value: 0 }] },
    actions: [],
  })
  await stage.slaClock.runOnce()
  expect((await theirs.next()).payload.data.slaBreached.breach.sla.name).toBe('busy')
  await Promise.all([mine.close(), theirs.close()])
  expect(await stage.get('{ sla(name: "late") { id } }')).toEqual({ sla: null })
})
