import { systemClock } from '../../src/platform/clock.js'
import { dag, Scene } from '../dispatcher/scene.js'
import { done, requestRun } from '../helpers/runs.js'

let scene: Scene
let jumpMs = 0
const clock = { now: () => new Date(systemClock.now().getTime() + jumpMs) }

beforeAll(async () => {
  scene = await Scene.open()
})

afterAll(() => scene.close())

const failing = (delay: string, tries: number) => ({
  run: `exit "$((DAGBOOK_ATTEMPT < ${tries}))"`,
  retry: { maxAttempts: tries, delay, backoff: 'CONSTANT', jitter: false },
})

/** By how much each retry came after it was due, in ms. */
async function lateness(run: string, delayMs: number): Promise<number[]> {
  const events = await scene.events(run)
  return events.flatMap(({ type, data, at }, index) => {
    if (type !== 'InstanceAttemptFailed') return []
    const queued = events.slice(index).find((event) => event.type === 'InstanceQueued' && event.data.task === data.task)
    return [queued!.at - at - delayMs]
  })
}

it('retries come when they are due, and once, with two schedulers at work', async () => {
  const [one, two] = await Promise.all([scene.server(), scene.server()])
  one.dispatch()
  two.scheduler.start(new AbortController().signal)
  const keys = Array.from({ length: 5 }, (_, index) => `t${index}`)
  const run = await requestRun(one.bus, dag(Object.fromEntries(keys.map((key) => [key, failing('400ms', 4)]))))
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const late = await lateness(run, 400)
  expect(late).toHaveLength(15)
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
  for (const key of keys) {
    const history = await scene.history(run, key)
    expect(history.filter((type) => type === 'InstanceQueued')).toHaveLength(4)
  }
  await Promise.all([one.stop(), two.stop()])
})

it('a run’s timeout strikes when it is due, once, with two schedulers at work', async () => {
  const [one, two] = await Promise.all([scene.server(), scene.server()])
  one.dispatch()
  two.scheduler.start(new AbortController().signal)
  const runs = await Promise.all(
    Array.from({ length: 3 }, () => requestRun(one.bus, dag({ t: { run: 'sleep 60' } }, { timeout: '700ms' }))),
  )
  const late: number[] = []
  for (const run of runs) {
    expect(await scene.ended(run)).toBe('TIMED_OUT')
    const events = await scene.events(run)
    const struck = events.filter(({ type }) => type === 'RunTimeoutReached')
    expect(struck).toHaveLength(1)
    late.push(struck[0]!.at - events.find(({ type }) => type === 'RunStarted')!.at - 700)
  }
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
  await Promise.all([one.stop(), two.stop()])
})

it('a clock that jumps an hour is noticed, in both directions', async () => {
  const server = await scene.server({ clock })
  server.dispatch()
  const retried = await requestRun(server.bus, dag({ t: failing('1h', 2) }))
  const limited = await requestRun(server.bus, dag({ t: { run: 'sleep 60' } }, { timeout: '30m' }))
  await scene.status(retried, 't', 'RETRY_WAIT')
  await scene.status(limited, 't', 'RUNNING')
  jumpMs = 3_600_000
  expect([await scene.ended(retried), await scene.ended(limited)]).toEqual(['SUCCEEDED', 'TIMED_OUT'])
  jumpMs = 0
  const next = await requestRun(server.bus, dag({ t: failing('300ms', 2) }))
  expect(await scene.ended(next)).toBe('SUCCEEDED')
  expect(Math.min(...(await lateness(next, 300)))).toBeGreaterThanOrEqual(0)
  await server.stop()
})

it('a retry that comes due while its run is paused waits for the run', async () => {
  const server = await scene.server()
  server.dispatch()
  const run = await requestRun(server.bus, dag({ t: failing('500ms', 2) }))
  await scene.status(run, 't', 'RETRY_WAIT')
  await done(server.bus, { aggregate: 'run', command: { type: 'PauseRun' } }, run)
  await scene.status(run, 't', 'QUEUED')
  expect(await scene.history(run, 't')).toEqual([
    'InstanceQueued',
    'InstanceDispatched',
    'InstanceStarted',
    'InstanceAttemptFailed',
    'InstanceQueued',
  ])
  await done(server.bus, { aggregate: 'run', command: { type: 'ResumeRun' } }, run)
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  await server.stop()
})
