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
