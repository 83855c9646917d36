import { drive } from '../helpers/drive.js'
import { openSlaStage, over, SLOW, type SlaStage } from './sla-stage.js'

const MINUTE_MS = 60_000

let stage: SlaStage
let projectId: string
let queueId: string
let poolId: string
let dagId: string
let lane: string
let machine: { readonly id: string; readonly name: string }

beforeAll(async () => {
  stage = await openSlaStage()
  projectId = await stage.project('p')
  const found = await stage.get('{ pool(name: "default") { id } machine(name: "local") { id name } }')
  poolId = found.pool.id
  machine = found.machine
  await stage.change('updatePool', 'UpdatePoolInput', { poolId, totalMemoryMb: 1_000 }, '__typename')
  const narrow = { name: 'narrow', poolId, capacity: 2 }
  queueId = (await stage.change('createQueue', 'CreateQueueInput', narrow, 'queue { id }')).queue.id
  dagId = await stage.publish(projectId, SLOW)
  lane = await stage.publish(
    projectId,
    'name: lane\ntasks: { a: { run: sleep, queue: narrow, resources: { memory: 400MB } } }',
  )
})
afterAll(() => stage.close())
beforeEach(() => {
  stage.time.aheadMs = 0
})

/** A run that holds capacity of the queue and memory of the pool. */
async function holding(): Promise<string> {
  const runId = await stage.trigger(lane)
  await drive(stage.services.bus, () => ({ outcome: null }), [machine])
  return runId
}

interface Case {
  readonly fact: string
  readonly scope: () => object
  readonly limit: number
  readonly params?: () => object
  /** What it is when it is broken. */
  readonly value: unknown
  /** Near it, but not broken; answers what breaks it, and that what clears it. */
  readonly near: () => Promise<() => Promise<() => Promise<unknown>>>
}

const cases: readonly Case[] = [
  {
    fact: 'queueUsage',
    scope: () => ({ queueId }),
    limit: 0.5,
    value: 1,
    near: async () => {
      const first = await holding()
      return async () => {
        const second = await holding()
        return () => Promise.all([first, second].map((runId) => stage.fail(runId)))
      }
    },
  },
  {
    fact: 'poolMemoryUsage',
    scope: () => ({ poolId }),
    limit: 0.5,
    value: 0.8,
    near: async () => {
      const first = await holding()
      return async () => {
        const second = await holding()
        return () => Promise.all([first, second].map((runId) => stage.fail(runId)))
      }
    },
  },
  {
    fact: 'oldestWaitSeconds',
    scope: () => ({ queueId }),
    limit: 50,
    value: expect.closeTo(MINUTE_MS / 1_000, -1),
    near: async () => {
      await stage.trigger(lane)
      return async () => {
        stage.time.aheadMs = MINUTE_MS
        return () => drive(stage.services.bus, undefined, [machine])
      }
    },
  },
  {
    fact: 'endedRuns',
    scope: () => ({ dagId }),
    limit: 1,
    params: () => ({ windowSeconds: 60 }),
    value: 2,
    near: async () => {
      await stage.fail(await stage.going(dagId))
      return async () => {
        await stage.fail(await stage.going(dagId))
        return async () => {
          stage.time.aheadMs = 2 * MINUTE_MS
        }
      }
    },
  },
  {
    fact: 'secondsPastDeadline',
    scope: () => ({ dagId }),
    limit: 0,
    // Two minutes from now at the most, on the clocks of Greenwich.
    params: () => ({ time: new Date(Date.now() + 2 * MINUTE_MS).toISOString().slice(11, 16), timezone: 'Etc/UTC' }),
    value: expect.closeTo(90, -2),
    near: async () => {
      const runId = await stage.going(dagId)
      return async () => {
        stage.time.aheadMs = 3 * MINUTE_MS
        return () => stage.fail(runId)
      }
    },
  },
]

it.each(cases)('$fact breaks it from its limit on, until it is below again', async (each) => {
  const { fact, scope, limit, params, value, near } = each
  const name = `over-${fact}`
  const breaches = async () => (await stage.breaches()).filter(({ sla }) => sla.name === name)
  const conditions = over(fact, limit, params?.())
  const slaId = await stage.sla({ name, ...scope(), conditions, actions: [] })
  const breaks = await near()
  await stage.round()
  expect(await breaches()).toEqual([])
  const clears = await breaks()
  await stage.round()
  const [breach, ...more] = await breaches()
  expect([Object.keys(breach.facts).map((key) => key.split(' ')[0]), more]).toEqual([[fact], []])
  expect([Object.values(breach.facts)[0], breach.resolvedAt]).toEqual([value, null])
  await clears()
  await stage.round()
  expect((await breaches()).map(({ resolvedAt }) => resolvedAt)).toEqual([expect.any(String)])
  await stage.change('deleteSla', 'DeleteSlaInput', { slaId }, '__typename')
})
