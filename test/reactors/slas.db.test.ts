import { rebuild } from '../../src/operations/rebuild.js'
import { createMailer } from '../../src/reactors/mailer.js'
import { webhookHeaders } from '../../src/reactors/sign-webhook.js'
import { drive } from '../helpers/drive.js'
import { openMailbox, openReceiver, openSlaStage, over, SLOW, type SlaStage } from './sla-stage.js'

const SECRET = `whsec_${Buffer.from('a secret of the tests').toString('base64')}`

let stage: SlaStage
let projectId: string
let dagId: string

beforeEach(async () => {
  stage = await openSlaStage()
  projectId = await stage.project('p')
  dagId = await stage.publish(projectId, SLOW)
})
afterEach(() => stage.close())

it('a run breaks it once while it goes on, until it has ended; the next run breaks it again', async () => {
  await stage.sla({ name: 'late', dagId, conditions: over('runDurationSeconds', 60), actions: [] })
  const first = await stage.going(dagId)
  await stage.round()
  expect(await stage.breaches()).toEqual([])
  stage.time.aheadMs = 61_000
  await stage.round()
  await stage.round()
  const [breach, ...more] = await stage.breaches()
  expect(more).toEqual([])
  expect(breach).toMatchObject({ sla: { name: 'late' }, run: { id: first }, resolvedAt: null, actionsTaken: [] })
  expect(breach.facts.runDurationSeconds).toBeGreaterThan(60)
  await stage.fail(first)
  await stage.round()
  expect((await stage.breaches())[0].resolvedAt).not.toBeNull()
  const second = await stage.going(dagId)
  stage.time.aheadMs += 61_000
  await stage.round()
  expect((await stage.breaches()).map(({ run, resolvedAt }) => [run.id, resolvedAt === null])).toEqual([
    [first, false],
    [second, true],
  ])
})

it('two clocks at once note a breach once; disabled, it is resolved', async () => {
  const slaId = await stage.sla({ name: 'late', projectId, conditions: over('runDurationSeconds', 5), actions: [] })
  await stage.going(dagId)
  stage.time.aheadMs = 6_000
  await Promise.all([stage.slaClock.runOnce(), stage.slaClock.runOnce()])
  expect(await stage.breaches()).toHaveLength(1)
  const query = `query ($p: ID!, $o: Boolean!) { slaBreaches(projectId: $p, isOpen: $o) { totalCount } }`
  const count = async (o: boolean) => (await stage.get(query, { p: projectId, o })).slaBreaches.totalCount
  expect([await count(true), await count(false)]).toEqual([1, 0])
  const update = await stage.change('updateSla', 'UpdateSlaInput', { slaId, isEnabled: false }, 'sla { isEnabled }')
  expect(update.sla.isEnabled).toBe(false)
  expect([await count(true), await count(false)]).toEqual([0, 1])
})

it('instances that wait or run too long break it, in the task that it watches', async () => {
  await stage.sla({ name: 'waits', projectId, conditions: over('queueWaitSeconds', 30), actions: [] })
  await stage.sla({ name: 'a', dagId, taskKey: 'a', conditions: over('taskDurationSeconds', 30), actions: [] })
  await stage.sla({ name: 'b', dagId, taskKey: 'b', conditions: over('taskDurationSeconds', 30), actions: [] })
  const runId = await stage.trigger(dagId)
  stage.time.aheadMs = 31_000
  await stage.round()
  expect((await stage.breaches()).map(({ sla }) => sla.name)).toEqual(['waits'])
  await drive(stage.services.bus, () => ({ outcome: null }))
  stage.time.aheadMs = 62_000
  await stage.round()
  const breaches = await stage.breaches()
  expect(breaches.map(({ sla, run, resolvedAt }) => [sla.name, run.id, resolvedAt === null])).toEqual([
    ['waits', runId, false],
    ['a', runId, true],
  ])
})

it('rates, queues, pools and machines break it, too', async () => {
  const { pool, queue } = await stage.get('{ pool(name: "default") { id } queue(name: "default") { id } }')
  const window = { windowSeconds: 3_600 }
  await stage.sla({ name: 'rate', projectId, conditions: over('failureRate', 0.4, window), actions: [] })
  await stage.sla({ name: 'depth', queueId: queue.id, conditions: over('queueDepth', 1), actions: [] })
  await stage.sla({ name: 'cpu', poolId: pool.id, conditions: over('poolCpuUsage', 0), actions: [] })
  await stage.sla({ name: 'gone', poolId: pool.id, conditions: over('machineOfflineSeconds', 100), actions: [] })
  await stage.trigger(dagId)
  await drive(stage.services.bus, ({ taskKey }) => ({ outcome: taskKey === 'a' ? 'FAILED' : 'SUCCEEDED' }))
  await stage.trigger(dagId)
  await drive(stage.services.bus)
  await stage.trigger(dagId)
  await stage.trigger(dagId)
  stage.time.aheadMs = 200_000
  await stage.round()
  const breaches = await stage.breaches()
  expect(breaches.map(({ sla, facts }) => [sla.name, Object.entries(facts).flat()[0]]).sort()).toEqual([
    ['depth', 'queueDepth'],
    ['gone', 'machineOfflineSeconds'],
    ['rate', 'failureRate 3600'],
  ])
  const ofPool = await stage.get('{ pool(name: "default") { slas { name } } }')
  expect(ofPool.pool.slas.map(({ name }: { name: string }) => name)).toEqual(['cpu', 'gone'])
})

it('a webhook is signed, sent again after a 500, always under its id', async () => {
  const receiver = await openReceiver(500, 204)
  await stage.change('setSecret', 'SetSecretInput', { projectId, name: 'hook', value: SECRET }, '__typename')
  const actions = [{ type: 'webhook', url: receiver.url, secret: 'hook' }]
  const slaId = await stage.sla({ name: 'late', dagId, conditions: over('runDurationSeconds', 5), actions })
  const runId = await stage.going(dagId)
  stage.time.aheadMs = 6_000
  await stage.round()
  await stage.round()
  const [breach] = await stage.breaches()
  expect(breach.actionsTaken).toMatchObject([{ type: 'webhook', status: 'DONE', attempts: 2, responseCode: 204 }])
  expect(receiver.received).toHaveLength(2)
  const [one, two] = receiver.received as [(typeof receiver.received)[0], (typeof receiver.received)[0]]
  expect(two.headers['webhook-id']).toBe(one.headers['webhook-id'])
  const content = {
    id: String(two.headers['webhook-id']),
    timestamp: Number(two.headers['webhook-timestamp']),
    body: two.body,
  }
  expect(two.headers['webhook-signature']).toBe(webhookHeaders(content, SECRET)['webhook-signature'])
  expect(two.headers['content-type']).toMatch(/^application\/cloudevents\+json/)
  expect(JSON.parse(two.body)).toMatchObject({
    specversion: '1.0',
    id: breach.id,
    source: `/slas/${slaId}`,
    type: 'dagbook.sla.breached',
    data: { sla: { name: 'late' }, breach: { runId }, run: { name: 'slow' } },
  })
  await receiver.close()
})

it('a webhook to an address inside is refused for good', async () => {
  const actions = [{ type: 'webhook', url: 'http://169.254.169.254/latest' }]
  await stage.sla({ name: 'late', dagId, conditions: over('runDurationSeconds', 5), actions })
  await stage.going(dagId)
  stage.time.aheadMs = 6_000
  await stage.round()
  const [breach] = await stage.breaches()
  expect(breach.actionsTaken).toMatchObject([{ status: 'FAILED', attempts: 1, responseCode: null }])
  expect(breach.actionsTaken[0].message).toContain('DAGBOOK_WEBHOOK_ALLOW')
})

describe('with onResolved', () => {
  const told = ({ body }: { readonly body: string }) => JSON.parse(body)

  it('the end of a breach is told once, after the breach, to those who were told of it', async () => {
    const receiver = await openReceiver(500, 500, 204)
    const mailbox = await openMailbox()
    const mailer = createMailer(mailbox.url, 'dagbook@example.com')
    const by = stage.reactor(mailer, [0, 60_000, 0])
    const actions = [
      { type: 'webhook', url: receiver.url, onResolved: true },
      { type: 'email', to: ['oncall@example.com'], onResolved: true },
      { type: 'email', to: ['other@example.com'] },
    ]
    const slaId = await stage.sla({ name: 'late', dagId, conditions: over('runDurationSeconds', 5), actions })
    const runId = await stage.going(dagId)
    stage.time.aheadMs = 6_000
    await stage.round(by)
    await stage.round(by)
    expect(receiver.received).toHaveLength(2)
    // Whoever was told is told, whatever the SLA says by now.
    await stage.change('updateSla', 'UpdateSlaInput', { slaId, actions: [] }, '__typename')
    await stage.fail(runId)
    await stage.round(by)
    const waiting = (await stage.breaches())[0].actionsTaken
    expect(waiting.map(({ occasion, status }: Record<string, string>) => [occasion, status])).toEqual([
      ['BREACHED', 'PENDING'],
      ['RESOLVED', 'PENDING'],
      ['BREACHED', 'DONE'],
      ['RESOLVED', 'DONE'],
      ['BREACHED', 'DONE'],
    ])
    stage.time.aheadMs += 61_000
    await stage.round(by)
    await stage.round(by)
    const [breach] = await stage.breaches()
    expect(new Set(breach.actionsTaken.map(({ status }: { status: string }) => status))).toEqual(new Set(['DONE']))
    const { id } = breach
    expect(receiver.received.map(told).map(({ id, type }) => [id, type])).toEqual([
      ...Array.from({ length: 3 }, () => [id, 'dagbook.sla.breached']),
      [`${id}.resolved`, 'dagbook.sla.resolved'],
    ])
    const [, , one, two] = receiver.received.map(({ headers }) => headers['webhook-id'])
    expect([one, two]).toEqual([`${id}.0`, `${id}.0.resolved`])
    const { time, data } = told(receiver.received[3] as { body: string })
    expect([time, data.breach.resolvedAt, data.run.status]).toEqual([breach.resolvedAt, breach.resolvedAt, 'FAILED'])
    expect(mailbox.letters.map(({ to, text }) => [to, /^Subject: (.*)$/m.exec(text)?.[1]?.trim()]).sort()).toEqual([
      [['oncall@example.com'], 'SLA late is broken: slow'],
      [['oncall@example.com'], 'SLA late is resolved: slow'],
      [['other@example.com'], 'SLA late is broken: slow'],
    ])
    mailer.close()
    await mailbox.close()
    await receiver.close()
  })

  it.each([
    ['disabled', true],
    ['deleted', false],
  ])('that its SLA was %s is told: %s', async (how, isTold) => {
    const receiver = await openReceiver(204)
    const actions = [{ type: 'webhook', url: receiver.url, onResolved: true }]
    const slaId = await stage.sla({ name: 'late', dagId, conditions: over('runDurationSeconds', 5), actions })
    await stage.going(dagId)
    stage.time.aheadMs = 6_000
    await stage.round()
    if (isTold) await stage.change('updateSla', 'UpdateSlaInput', { slaId, isEnabled: false }, '__typename')
    else await stage.change('deleteSla', 'DeleteSlaInput', { slaId }, '__typename')
    await stage.round()
    expect((await stage.breaches())[0].resolvedAt).not.toBeNull()
    expect([how, receiver.received.length]).toEqual([how, isTold ? 2 : 1])
    await receiver.close()
  })
})

it('a rebuild finds the same breaches, and does nothing about them', async () => {
  const receiver = await openReceiver(204)
  const actions = [{ type: 'webhook', url: receiver.url }, { type: 'cancelRun' }]
  await stage.sla({ name: 'late', dagId, conditions: over('runDurationSeconds', 5), actions })
  await stage.going(dagId)
  stage.time.aheadMs = 6_000
  await stage.round()
  const before = await stage.breaches()
  expect(receiver.received).toHaveLength(1)
  const ownerUrl = stage.db.ownerUrl
  const { tables } = await rebuild({ ownerUrl, isCheck: true })
  expect(tables.filter(({ onlyLive, onlyRebuilt }) => onlyLive + onlyRebuilt > 0)).toEqual([])
  await rebuild({ ownerUrl, isCheck: false })
  await stage.round()
  await stage.round()
  expect((await stage.breaches()).map(({ id, actionsTaken }) => [id, actionsTaken])).toEqual(
    before.map(({ id, actionsTaken }) => [id, actionsTaken]),
  )
  expect(receiver.received).toHaveLength(1)
  await receiver.close()
})
