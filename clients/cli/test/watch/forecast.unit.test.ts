import fc from 'fast-check'
import { forecast, type TaskToDo } from '../../src/watch/forecast.js'
import { medians } from '../../src/watch/usual-durations.js'

const NO_LIMITS = { parallel: Number.POSITIVE_INFINITY, slots: Number.POSITIVE_INFINITY }

function task(key: string, usual: number | undefined, needs: string[] = [], rest: Partial<TaskToDo> = {}): TaskToDo {
  return { key, needs, usual, elapsed: null, takesSlot: true, ...rest }
}

/** A diamond with a long and a short side. */
const DIAMOND = [task('a', 1), task('b', 10, ['a']), task('c', 2, ['a']), task('d', 3, ['b', 'c'])]

test('without limits it is the critical path', () => {
  expect(forecast(DIAMOND, NO_LIMITS)).toEqual({ seconds: 14, unknown: 0, overdue: 0 })
})

test('one at a time it is the sum; slots do not hold back what takes none', () => {
  expect(forecast(DIAMOND, { ...NO_LIMITS, parallel: 1 }).seconds).toBe(16)
  expect(forecast(DIAMOND, { ...NO_LIMITS, slots: 1 }).seconds).toBe(16)
  const onServer = DIAMOND.map((each) => ({ ...each, takesSlot: false }))
  expect(forecast(onServer, { ...NO_LIMITS, slots: 1 }).seconds).toBe(14)
})

test('what runs has only its rest to go, and holds its slot', () => {
  const tasks = [task('a', 10, [], { elapsed: 4 }), task('b', 5), task('c', 5)]
  expect(forecast(tasks, { ...NO_LIMITS, slots: 2 }).seconds).toBe(10)
  expect(forecast(tasks, { ...NO_LIMITS, slots: 1 }).seconds).toBe(16)
})

test('what runs for longer than usual is taken to end now, and is counted', () => {
  const tasks = [task('a', 2, [], { elapsed: 9 }), task('b', 3, ['a'])]
  expect(forecast(tasks, NO_LIMITS)).toEqual({ seconds: 3, unknown: 0, overdue: 1 })
})

test('what nothing is known of takes no time, and is counted', () => {
  expect(forecast([task('a', undefined), task('b', 3, ['a'])], NO_LIMITS)).toEqual({
    seconds: 3,
    unknown: 1,
    overdue: 0,
  })
  expect(forecast([], NO_LIMITS)).toEqual({ seconds: 0, unknown: 0, overdue: 0 })
})

test('no room at all still comes to an end', () => {
  expect(forecast(DIAMOND, { parallel: 0, slots: 0 }).seconds).toBe(16)
})

/** Any acyclic graph: a task needs some of those before it. */
const graphs = fc.array(fc.record({ usual: fc.nat(50), needs: fc.array(fc.nat(1_000), { maxLength: 3 }) }), {
  maxLength: 30,
})

test('it lies between the critical path and the sum, for any graph and any limits', () => {
  fc.assert(
    fc.property(graphs, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), (graph, parallel, slots) => {
      const tasks = graph.map(({ usual, needs }, at) => {
        const keys = at === 0 ? [] : [...new Set(needs.map((need) => `t${need % at}`))]
        return task(`t${at}`, usual, keys)
      })
      const { seconds } = forecast(tasks, { parallel, slots })
      expect(seconds).toBeGreaterThanOrEqual(forecast(tasks, NO_LIMITS).seconds)
      expect(seconds).toBeLessThanOrEqual(graph.reduce((sum, { usual }) => sum + usual, 0))
    }),
  )
})

test('the median is taken by task, of durations that are known', () => {
  const timed = (taskKey: string, ...all: (number | null)[]) =>
    all.map((durationSeconds) => ({ taskKey, durationSeconds }))
  const found = medians([...timed('a', 9, 1, 2), ...timed('b', 10, 1, 2, 4), ...timed('c', null)])
  expect([...found]).toEqual([
    ['a', 2],
    ['b', 3],
  ])
})
