import path from 'node:path'
import type { PoolId } from '../../src/domain/ids.js'
import { newId } from '../../src/platform/ids.js'
import { done, requestRun } from '../helpers/runs.js'
import { linesOf } from '../machines/attempts.js'
import { dag, Scene } from './scene.js'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.open()
})

afterAll(() => scene.close())

it('two dispatchers share a queue of capacity 3: of 60 tasks never more than 3 run at a time, each once', async () => {
  const [one, two] = await Promise.all([scene.server(), scene.server()])
  const [pool] = await one.reads.query<{ id: PoolId }>("SELECT id FROM pool WHERE name = 'default'")
  const command = { type: 'CreateQueue', name: 'narrow', capacity: 3, priority: 0, poolId: pool!.id } as const
  await done(one.bus, { aggregate: 'queue', command }, newId('queue'))
  one.dispatch()
  two.dispatch()
  // By the host's uptime, to the hundredth of a second; the task's own record begins and ends inside the attempt.
  const text = 'read a _ < /proc/uptime; sleep 0.05; read b _ < /proc/uptime; echo "$DAGBOOK_TASK $a $b" >> times'
  const keys = Array.from({ length: 60 }, (_, index) => `t${index}`)
  const run = await requestRun(
    one.bus,
    dag(Object.fromEntries(keys.map((key) => [key, { run: text, queue: 'narrow' }]))),
  )
  // An end claims what comes next, so whoever has begun would have them all: each is kept from claiming in turn.
  const turns = [one, two]
  const turn = setInterval(() => {
    turns.reverse()
    turns[0]?.dispatcher.extendLease(0)
    turns[1]?.dispatcher.extendLease(Number.POSITIVE_INFINITY)
  }, 100)
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  clearInterval(turn)
  const times = (await linesOf(path.join(scene.dir, 'times'))).map((line) => line.split(' '))
  expect(times.map(([key]) => key).sort()).toEqual(keys.sort())
  const moments = times.flatMap(([, a, b]) => [
    { at: Number(a), step: 1 },
    { at: Number(b), step: -1 },
  ])
  let running = 0
  const most = moments
    .sort((x, y) => x.at - y.at || x.step - y.step)
    .map(({ step }) => {
      running += step
      return running
    })
  expect(Math.max(...most)).toBeLessThanOrEqual(3)
  expect(Math.max(...most)).toBeGreaterThan(1)
  const nodes = (await scene.events(run))
    .filter(({ type }) => type === 'InstanceDispatched')
    .map(({ data }) => data.node)
  expect(new Set(nodes)).toEqual(new Set([one.node, two.node]))
})
