import fc from 'fast-check'
import { criticalPath } from '../../../src/domain/run/critical-path.js'
import { expectedSeconds } from '../../../src/domain/run/expected-seconds.js'
import { type ForecastTask, playOut, secondsLeft } from '../../../src/domain/run/forecast.js'

const NO_LIMITS = { parallel: Number.POSITIVE_INFINITY, slots: Number.POSITIVE_INFINITY }
const todo = (expected: number, ...needs: number[]): ForecastTask => ({
  needs,
  takesSlot: true,
  expected,
  startedAt: null,
  endedAt: null,
})
const running = (expected: number, elapsed: number, ...needs: number[]) => ({
  ...todo(expected, ...needs),
  startedAt: -elapsed,
})
const done = (from: number, to: number, ...needs: number[]) => ({
  ...todo(to - from, ...needs),
  startedAt: from,
  endedAt: to,
})
const left = (tasks: readonly ForecastTask[], limits = NO_LIMITS) => secondsLeft(playOut(tasks, limits))
const pathOf = (tasks: readonly ForecastTask[], limits = NO_LIMITS, isLimited = false) =>
  criticalPath(
    tasks.map(({ needs }) => needs),
    playOut(tasks, limits),
    isLimited,
  )

describe('a forecast', () => {
  it('is the longest way through the graph where there is room for all', () => {
    expect(left([todo(1), todo(5, 0), todo(2, 0), todo(1, 1, 2)])).toBe(7)
  })

  it('is the work one after the other where one may run', () => {
    expect(left([todo(1), todo(2), todo(3)], { parallel: 1, slots: 9 })).toBe(6)
    expect(left([todo(1), todo(2), todo(3)], { parallel: 9, slots: 2 })).toBe(4)
  })

  it('counts what is left of what runs, and nothing of what is over its time', () => {
    expect(left([running(10, 4)])).toBe(6)
    expect(left([running(10, 40), todo(3, 0)])).toBe(3)
  })

  it('goes on where a limit of 0 says that others are in the way', () => {
    expect(left([todo(2), todo(2)], { parallel: 9, slots: 0 })).toBe(4)
  })

  it('a task without a slot waits for none', () => {
    expect(left([running(9, 0), { ...todo(1), takesSlot: false }], { parallel: 9, slots: 1 })).toBe(9)
  })

  it('says of a circle that it is one', () => {
    expect(() => left([todo(1, 1), todo(1, 0)])).toThrow('cycle')
  })
})

describe('the path that determines the end', () => {
  it('is the longest one to come', () => {
    expect(pathOf([todo(1), todo(5, 0), todo(2, 0), todo(1, 1, 2)])).toEqual([0, 1, 3])
  })

  it('is what the last one waited for, by the times that were', () => {
    expect(pathOf([done(-9, -8), done(-8, -2, 0), done(-8, -6, 0), done(-2, -1, 1, 2)])).toEqual([0, 1, 3])
  })

  it('goes through whatever had to end first where the run limits how many are under way', () => {
    expect(pathOf([done(-9, -6), done(-5.9, -3), done(-2.9, -1)], NO_LIMITS, true)).toEqual([0, 1, 2])
    expect(pathOf([todo(1), todo(2), todo(3)], { parallel: 1, slots: 9 }, true)).toEqual([0, 1, 2])
    expect(pathOf([done(-9, -6), running(5, 2), todo(1), todo(1)], { parallel: 1, slots: 9 }, true)).toEqual([
      0, 1, 2, 3,
    ])
  })

  it('is a single one where nothing had to wait, and ends also where all happened at once', () => {
    expect(pathOf([todo(1), todo(4)])).toEqual([1])
    expect(pathOf([done(0, 0), done(0, 0), done(0, 0)], NO_LIMITS, true)).toHaveLength(3)
    expect(criticalPath([], [], true)).toEqual([])
  })
})

describe('what a task is expected to take', () => {
  it('is what it took, else what it usually takes, else the mean of the others', () => {
    expect(
      expectedSeconds([
        { usual: 10, taken: 4 },
        { usual: 8, taken: null },
        { usual: null, taken: null },
      ]),
    ).toEqual([4, 8, 6])
    expect(expectedSeconds([{ usual: null, taken: null }])).toBeNull()
  })
})

describe('whatever the run', () => {
  const seconds = fc.double({ min: 0, max: 1_000, noNaN: true })
  const tasks = fc
    .array(
      fc.tuple(
        seconds,
        fc.array(fc.nat(50), { maxLength: 3 }),
        fc.boolean(),
        fc.constantFrom('todo', 'running', 'done'),
      ),
      { maxLength: 25 },
    )
    .map((list) => {
      const isOver: boolean[] = []
      return list.map(([expected, picks, takesSlot, wish], at): ForecastTask => {
        const needs = at === 0 ? [] : [...new Set(picks.map((pick) => pick % at))]
        const mayStart = needs.every((need) => isOver[need])
        isOver[at] = wish === 'done' && mayStart
        const startedAt = wish !== 'todo' && mayStart ? -(expected % 100) : null
        return { needs, takesSlot, expected, startedAt, endedAt: isOver[at] === true ? startedAt : null }
      })
    })
  const limits = fc.record({ parallel: fc.integer({ min: 0, max: 6 }), slots: fc.integer({ min: 0, max: 6 }) })

  it('the forecast is never negative, never before the longest way, never beyond the work in a row', () => {
    fc.assert(
      fc.property(tasks, limits, (given, limited) => {
        const times = playOut(given, limited)
        const all = secondsLeft(times)
        const rest = given.map(({ expected, startedAt, endedAt }) =>
          endedAt !== null ? 0 : Math.max(0, expected + (startedAt ?? 0)),
        )
        const sum = rest.reduce((total, each) => total + each, 0)
        expect(all).toBeGreaterThanOrEqual(left(given) - 1e-6)
        expect(all).toBeLessThanOrEqual(sum + 1e-6)
        if (given.every(({ endedAt }) => endedAt !== null)) expect(all).toBe(0)
        given.forEach(({ needs, startedAt }, at) => {
          if (startedAt !== null) return
          for (const need of needs)
            expect(times[at]?.startsAt).toBeGreaterThanOrEqual((times[need]?.endsAt as number) - 1e-9)
        })
      }),
    )
  })

  it('no more are under way than the limits allow', () => {
    fc.assert(
      fc.property(tasks, limits, (given, limited) => {
        const times = playOut(given, limited)
        const atMost = Math.max(
          1,
          limited.parallel,
          given.filter(({ startedAt, endedAt }) => startedAt !== null && endedAt === null).length,
        )
        for (const { startsAt } of times.filter(({ startsAt }) => startsAt > 0)) {
          const live = times.filter((each) => each.startsAt <= startsAt && each.endsAt > startsAt)
          expect(live.length).toBeLessThanOrEqual(atMost)
        }
      }),
    )
  })

  it('it takes no less time if a task takes longer, where there is room for all or where nothing needs another', () => {
    fc.assert(
      fc.property(tasks, limits, fc.nat(24), seconds, (given, limited, pick, more) => {
        const longer = (list: readonly ForecastTask[]) =>
          list.map((task, at) =>
            at === pick % Math.max(1, list.length) ? { ...task, expected: task.expected + more } : task,
          )
        expect(left(longer(given))).toBeGreaterThanOrEqual(left(given) - 1e-6)
        const batch = given.map((task) => ({ ...task, needs: [], takesSlot: true }))
        expect(left(longer(batch), limited)).toBeGreaterThanOrEqual(left(batch, limited) - 1e-6)
      }),
    )
  })

  it('the path ends with what ends last, without gaps of which it does not know, and has nothing twice', () => {
    fc.assert(
      fc.property(tasks, limits, fc.boolean(), (given, limited, isLimited) => {
        const times = playOut(given, limited)
        const path = criticalPath(
          given.map(({ needs }) => needs),
          times,
          isLimited,
        )
        expect(new Set(path).size).toBe(path.length)
        if (given.length > 0)
          expect(times[path.at(-1) as number]?.endsAt).toBeCloseTo(Math.max(...times.map(({ endsAt }) => endsAt)), 9)
      }),
    )
  })
})
