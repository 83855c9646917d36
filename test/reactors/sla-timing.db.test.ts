import { until } from '../helpers/until.js'
import { openReceiver, openSlaStage, over, SLOW, type SlaStage } from './sla-stage.js'

const LIMIT_MS = 1_000
const COUNT = 7
/** What is promised of a machine that is not busy, and what no busy one excuses. */
const SOON_MS = 2_000
const AT_ALL_MS = 20_000

let stage: SlaStage

beforeEach(async () => {
  stage = await openSlaStage()
})
afterEach(() => stage.close())

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number

it('a breach is found and acted on within 2 s while the run goes on', async () => {
  const receiver = await openReceiver(204)
  const projectId = await stage.project('p')
  const dagId = await stage.publish(projectId, SLOW)
  const conditions = over('runDurationSeconds', LIMIT_MS / 1_000)
  await stage.sla({ name: 'late', dagId, conditions, actions: [{ type: 'webhook', url: receiver.url }] })
  const reactor = stage.reactor()
  const stopping = new AbortController()
  stage.slaClock.start(stopping.signal)
  reactor.start(stopping.signal)
  const [found, acted]: [number[], number[]] = [[], []]
  // One after another: those that are broken at once are found at once.
  for (let n = 1; n <= COUNT; n += 1) {
    const runId = await stage.going(dagId)
    await until('the webhook', () => receiver.received.length === n)
    const now = Date.now()
    const query = '{ slaBreaches(first: 1) { nodes { breachedAt resolvedAt run { id startedAt endedAt } } } }'
    const [breach] = (await stage.get(query)).slaBreaches.nodes
    expect(breach).toMatchObject({ resolvedAt: null, run: { id: runId, endedAt: null } })
    const brokenAt = Date.parse(breach.run.startedAt) + LIMIT_MS
    found.push(Date.parse(breach.breachedAt) - brokenAt)
    acted.push(now - brokenAt)
  }
  stopping.abort()
  await Promise.all([stage.slaClock.stop(), reactor.stop()])
  for (const took of [found, acted]) {
    expect(Math.min(...took)).toBeGreaterThanOrEqual(0)
    expect(median(took)).toBeLessThanOrEqual(SOON_MS)
    expect(Math.max(...took)).toBeLessThanOrEqual(AT_ALL_MS)
  }
  await receiver.close()
})
