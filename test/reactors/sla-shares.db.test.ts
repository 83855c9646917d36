import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Claimed, claimDeliveries } from '../../src/reactors/deliveries.js'
import { until } from '../helpers/until.js'
import { openReceiver, openSlaStage, over, SLOW, type SlaStage } from './sla-stage.js'

const conditions = over('runDurationSeconds', 5)

let stage: SlaStage

beforeEach(async () => {
  stage = await openSlaStage()
})
afterEach(() => stage.close())

it('a project whose receivers never answer leaves places for the messages of others', async () => {
  const asked: string[] = []
  const tarpit = createServer(({ url = '' }) => asked.push(url))
  await new Promise<void>((done) => tarpit.listen(0, '127.0.0.1', done))
  const receiver = await openReceiver(204)
  const url = `http://127.0.0.1:${(tarpit.address() as AddressInfo).port}/`
  const slow = await stage.publish(await stage.project('greedy'), SLOW)
  const actions = Array.from({ length: 20 }, (_, n) => ({ type: 'webhook', url: `${url}${n}` }))
  await stage.sla({ name: 'greedy', dagId: slow, conditions, actions, priority: 100 })
  const other = await stage.publish(await stage.project('modest'), SLOW)
  await stage.sla({ name: 'modest', dagId: other, conditions, actions: [{ type: 'webhook', url: receiver.url }] })
  await stage.going(slow)
  await stage.going(other)
  stage.time.aheadMs = 6_000
  await stage.slaClock.runOnce()
  const reactor = stage.reactor()
  while (await reactor.runOnce());
  await until('the message of the other', () => receiver.received.length > 0)
  await until('the messages that are not answered', () => asked.length === 10)
  tarpit.closeAllConnections()
  await Promise.all([reactor.stop(), receiver.close(), new Promise((done) => tarpit.close(done))])
})

it('no project gets more than half of the places that are free or its own', async () => {
  const { database } = stage.services
  const [now, later] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T00:01:00Z')]
  const owe = (audience: string, count: number) =>
    database.query(
      `INSERT INTO sla_delivery (breach_id, action_index, occasion, audience, action, priority, next_try_at, created_at)
       SELECT $1, n, 'BREACHED', $1, '{"type": "webhook"}', 0, $3, $3 FROM generate_series(1, $2::integer) AS n`,
      [audience, count, now],
    )
  const held: Claimed[] = []
  const claim = async () => {
    const claimed = await claimDeliveries(database, 'MESSAGES', { free: 20 - held.length, held }, now, later)
    held.push(...claimed)
    return claimed.map(({ audience }) => audience).join('')
  }
  await owe('a', 100)
  expect([await claim(), await claim()]).toEqual(['a'.repeat(10), ''])
  await owe('b', 100)
  expect([await claim(), await claim()]).toEqual(['b'.repeat(5), ''])
  await owe('c', 2)
  expect(await claim()).toBe('cc')
  await owe('d', 100)
  await owe('e', 100)
  expect(await claim()).toBe('dde')
  held.splice(0, 10)
  expect(await claim()).toBe('aaaaabbbdd')
})

it('commands of one project are done beside those of others, all of them in the end', async () => {
  const { database } = stage.services
  const now = new Date()
  await database.query(
    `INSERT INTO sla_delivery (breach_id, action_index, occasion, audience, action, priority, next_try_at, created_at)
     SELECT 'gone', n, 'BREACHED', 'a', '{"type": "cancelRun"}', 0, $1, $1 FROM generate_series(1, 120) AS n`,
    [now],
  )
  stage.time.aheadMs = 1_000
  await stage.round()
  expect(await database.query('SELECT status, count(*) FROM sla_delivery GROUP BY status')).toEqual([
    { status: 'SKIPPED', count: 120 },
  ])
})

it('a project has at most 100 SLAs, also when several are made at once', async () => {
  const projectId = await stage.project('p')
  const make = (n: number) =>
    stage.change('createSla', 'CreateSlaInput', { name: `sla-${n}`, projectId, conditions, actions: [] }, 'sla { id }')
  const made = await Promise.all(Array.from({ length: 102 }, (_, n) => make(n)))
  const refused = made.filter(({ sla }) => sla === null)
  expect(refused.map(({ userErrors }) => userErrors)).toEqual(
    Array.from({ length: 2 }, () => [expect.objectContaining({ code: 'TOO_LARGE', path: [] })]),
  )
  const { sla } = made.find((payload) => payload.sla !== null)
  await stage.change('deleteSla', 'DeleteSlaInput', { slaId: sla.id }, '__typename')
  expect((await make(200)).sla).not.toBeNull()
})
