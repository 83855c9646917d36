import { rebuild } from '../../src/operations/rebuild.js'
import { drive } from '../helpers/drive.js'
import { is, openSlaStage, over, SLOW, type SlaStage } from './sla-stage.js'

let stage: SlaStage
let projectId: string
let dagId: string

beforeEach(async () => {
  stage = await openSlaStage()
  projectId = await stage.project('p')
  dagId = await stage.publish(projectId, SLOW)
})
afterEach(() => stage.close())

it('commands are done once, whoever does them and however often, the higher priority first', async () => {
  const target = await stage.publish(projectId, 'name: helper\ntasks: { t: { noop: {} } }')
  const { queue } = await stage.get('{ queue(name: "default") { id } }')
  const conditions = over('runDurationSeconds', 5)
  await stage.sla({ name: 'low', dagId, conditions, actions: [{ type: 'cancelRun' }], priority: -1 })
  const high = [
    { type: 'triggerDag', dagId: target },
    { type: 'pauseQueue', queueId: queue.id },
  ]
  await stage.sla({ name: 'high', dagId, conditions, actions: high, priority: 1 })
  const runId = await stage.going(dagId)
  stage.time.aheadMs = 6_000
  await stage.slaClock.runOnce()
  // The server that noted them dies after the event, and one after a command but before it is noted.
  const [one, two] = [stage.reactor(), stage.reactor()]
  await Promise.all([one.runOnce(), two.runOnce()])
  await stage.round(one)
  const { database } = stage.services
  await database.query(`UPDATE sla_delivery SET status = 'PENDING', next_try_at = now(), ended_at = NULL`)
  await stage.round(two)
  const breaches = await stage.breaches()
  expect(breaches.flatMap(({ actionsTaken }) => actionsTaken.map((each: { status: string }) => each.status))).toEqual([
    'DONE',
    'DONE',
    'DONE',
  ])
  const types = await database.query<{ type: string }>(
    `SELECT type FROM event WHERE type IN ('SlaBreached', 'RunRequested', 'QueueSettingsChanged', 'RunCancelRequested')
     AND stream_id <> $1 OR type = 'RunCancelRequested' ORDER BY position`,
    [runId],
  )
  expect(types.map(({ type }) => type)).toEqual([
    'SlaBreached',
    'SlaBreached',
    'RunRequested',
    'QueueSettingsChanged',
    'RunCancelRequested',
  ])
  const { runs } = await stage.get(`{ runs(filter: {triggers: [SLA]}) { nodes { name trigger } } }`)
  expect(runs.nodes).toEqual([{ name: 'helper', trigger: 'SLA' }])
})

it('the priority of a late run is raised, at most to 100, and what waits of it moves', async () => {
  const conditions = over('runDurationSeconds', 5)
  const actions = [{ type: 'raisePriority', by: 30 }]
  await stage.sla({ name: 'late', dagId, conditions, actions, priority: 1 })
  await stage.sla({ name: 'very-late', dagId, conditions, actions: [{ type: 'raisePriority', by: 200 }] })
  const runId = await stage.trigger(dagId)
  stage.time.aheadMs = 6_000
  await stage.round()
  const taken = (await stage.breaches()).map(({ actionsTaken }) => actionsTaken[0])
  expect(taken.map(({ type, status }) => [type, status])).toEqual([
    ['raisePriority', 'DONE'],
    ['raisePriority', 'DONE'],
  ])
  expect((await stage.get(`{ run(id: "${runId}") { priority } }`)).run.priority).toBe(100)
  const { database } = stage.services
  expect(
    await database.query(`SELECT data FROM event WHERE type = 'RunPriorityChanged' ORDER BY position`),
  ).toMatchObject([
    { data: { priority: 30, reason: 'SLA late is broken' } },
    { data: { priority: 100, reason: 'SLA very-late is broken' } },
  ])
  expect(
    await database.query('SELECT extract(epoch FROM queued_at - rank)::float8 AS before FROM queue_entry'),
  ).toEqual([{ before: 6_000 }])
  await stage.sla({ name: 'over', dagId, conditions: is('FAILED'), actions })
  await drive(stage.services.bus, () => ({ outcome: 'FAILED' }))
  await stage.round()
  const [{ actionsTaken }] = (await stage.breaches()).filter(({ sla }) => sla.name === 'over')
  expect(actionsTaken[0]).toMatchObject({ status: 'SKIPPED', message: expect.stringContaining('already finished') })
})

it('a failed run is tried again, not for ever', async () => {
  await stage.sla({ name: 'again', dagId, conditions: is('FAILED'), actions: [{ type: 'retry', maxReruns: 2 }] })
  await stage.trigger(dagId)
  for (let n = 0; n < 5; n += 1) {
    await drive(stage.services.bus, () => ({ outcome: 'FAILED' }))
    await stage.round()
  }
  const { runs } = await stage.get('{ runs { nodes { trigger status } } }')
  expect(runs.nodes.map(({ trigger }: { trigger: string }) => trigger)).toEqual(['RERUN', 'RERUN', 'MANUAL'])
  const taken = (await stage.breaches()).map(({ actionsTaken }) => actionsTaken[0].status)
  expect(taken).toEqual(['DONE', 'DONE', 'SKIPPED'])
})

describe('what is done needs the rights of who set the SLA last, as they are then', () => {
  const conditions = over('runDurationSeconds', 5)

  /** A new user; answers the id and a token. */
  async function member(username: string, roles: Record<string, string>, more = {}) {
    const { id, token } = await stage.makeUser(username, more)
    for (const [project, role] of Object.entries(roles)) await grant(project, id, role)
    return { id, token }
  }
  const grant = (project: string, userId: string, role: string) =>
    stage.change('grantProjectRole', 'GrantProjectRoleInput', { projectId: project, userId, role }, '__typename')
  const make = async (input: object, token: string): Promise<string> =>
    (await stage.change('createSla', 'CreateSlaInput', { dagId, conditions, ...input }, 'sla { id }', token)).sla.id
  /** A run breaks what is watched; answers what was done about the newest breach of each SLA, by its name. */
  async function broken() {
    await stage.going(dagId)
    stage.time.aheadMs += 6_000
    await stage.round()
    const taken = (await stage.breaches()).map(({ sla, actionsTaken }) => [sla.name, actionsTaken])
    return Object.fromEntries(taken)
  }
  const startedBySlas = async () =>
    (await stage.get('{ runs(filter: {triggers: [SLA]}) { totalCount } }')).runs.totalCount

  it('who lost them has nothing done any more, until somebody who has them sets it', async () => {
    const elsewhere = await stage.project('q')
    const target = await stage.publish(elsewhere, 'name: helper\ntasks: { t: { noop: {} } }')
    const { id, token } = await member('ada', { [projectId]: 'EDITOR', [elsewhere]: 'OPERATOR' })
    const slaId = await make({ name: 'helped', actions: [{ type: 'triggerDag', dagId: target }] }, token)
    expect((await broken()).helped).toMatchObject([{ status: 'DONE' }])
    const taken = { projectId: elsewhere, userId: id }
    await stage.change('revokeProjectRole', 'RevokeProjectRoleInput', taken, '__typename')
    const message = `${id}, who set SLA helped last, may not triggerRun in ${elsewhere}`
    expect((await broken()).helped).toMatchObject([{ status: 'SKIPPED', message }])
    expect(await startedBySlas()).toBe(1)
    // Neither by a change that says nothing of its actions.
    const query = 'mutation ($i: UpdateSlaInput!) { updateSla(input: $i) { userErrors { path } } }'
    const variables = { i: { slaId, priority: 1 } }
    expect((await stage.ask(query, { token, variables })).data.updateSla.userErrors).toMatchObject([
      { path: ['actions', '0', 'dagId'] },
    ])
    await stage.change('updateSla', 'UpdateSlaInput', { slaId, priority: 1 }, '__typename')
    expect((await broken()).helped).toMatchObject([{ status: 'DONE' }])
    expect(await startedBySlas()).toBe(2)
    const { tables } = await rebuild({ ownerUrl: stage.db.ownerUrl, isCheck: true })
    expect(tables.filter(({ onlyLive, onlyRebuilt }) => onlyLive + onlyRebuilt > 0)).toEqual([])
  })

  it.each([
    ['deactivated', 'updateUser', 'UpdateUserInput', { isActive: false }],
    ['erased', 'eraseUser', 'EraseUserInput', { reason: 'gone' }],
  ])('who was %s has nothing done', async (_, mutation, type, more) => {
    const { queue } = await stage.get('{ queue(name: "default") { id } }')
    const roles = { [projectId]: 'EDITOR' }
    const { id, token } = await member('ada', roles, { permissions: ['queues'] })
    const actions = [{ type: 'cancelRun' }, { type: 'pauseQueue', queueId: queue.id }]
    await make({ name: 'strict', actions }, token)
    await stage.change(mutation, type, { userId: id, ...more }, '__typename')
    expect((await broken()).strict).toMatchObject([
      { status: 'SKIPPED', message: `${id}, who set SLA strict last, may not steerRun in ${projectId}` },
      { status: 'SKIPPED', message: `${id}, who set SLA strict last, may not manageQueues` },
    ])
    expect((await stage.get('{ queue(name: "default") { status } }')).queue.status).toBe('OPEN')
  })

  it("a token's SLA does what its user may within the token's scopes, also when the token has ended", async () => {
    const { id, token } = await member('ada', { [projectId]: 'EDITOR' })
    const tokenOf = async (name: string, scopes: string[]) => {
      const input = { name, scopes, expiresAt: '2999-01-01T00:00:00Z' }
      const fields = 'secret apiToken { id }'
      return stage.change('createApiToken', 'CreateApiTokenInput', input, fields, token)
    }
    const wide = await tokenOf('wide', ['read', 'dags', 'runs'])
    const narrow = await tokenOf('narrow', ['read', 'dags'])
    const sla = { dagId, conditions, actions: [{ type: 'cancelRun' }] }
    const query = 'mutation ($i: CreateSlaInput!) { createSla(input: $i) { sla { id } } }'
    const variables = { i: { ...sla, name: 'narrow' } }
    const { errors } = await stage.ask(query, { token: narrow.secret, variables })
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
    await make({ ...sla, name: 'wide' }, wide.secret)
    await stage.change('revokeApiToken', 'RevokeApiTokenInput', { apiTokenId: wide.apiToken.id }, '__typename', token)
    expect((await broken()).wide).toMatchObject([{ status: 'DONE' }])
    await grant(projectId, id, 'VIEWER')
    expect((await broken()).wide).toMatchObject([
      { status: 'SKIPPED', message: `${id}, who set SLA wide last, may not steerRun in ${projectId}` },
    ])
  })
})
