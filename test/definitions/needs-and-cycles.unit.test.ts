import { checkDefinition } from '../../src/definitions/check-definition.js'
import { findCycles } from '../../src/definitions/cycles.js'
import { problemsOf } from './problems-of.js'

/** A file with a line for each task, from line 3 on. */
function file(needs: Record<string, string[]>): string {
  const tasks = Object.entries(needs).map(([key, list]) => `  ${key}: { needs: [${list.join(', ')}], noop: {} }\n`)
  return `name: x\ntasks:\n${tasks.join('')}`
}

describe('needs', () => {
  it('of no task are named, with the key that was probably meant', () => {
    expect(problemsOf(file({ extract: [], load: ['extrat', 'zzz'] }))).toEqual([
      '4:19 UNKNOWN_REFERENCE tasks.load.needs[0] must be the key of a task, not "extrat". Did you mean extract?',
      '4:27 UNKNOWN_REFERENCE tasks.load.needs[1] must be the key of a task, not "zzz"',
    ])
  })

  it('of the task itself and those named twice are refused', () => {
    expect(problemsOf(file({ a: [], b: ['a', 'b', 'a'] }))).toEqual([
      '4:19 CYCLE tasks.b must not need itself',
      '4:22 INVALID tasks.b.needs[2] must not name a a second time',
    ])
  })
})

describe('a cycle', () => {
  it('names its tasks in the order in which they would run', () => {
    expect(problemsOf(file({ a: ['c'], b: ['a'], c: ['b'], d: ['c'] }))).toEqual([
      '3:15 CYCLE The tasks must not form a cycle: a -> b -> c -> a',
    ])
  })

  it('is reported once for each that is independent', () => {
    expect(problemsOf(file({ a: ['b'], b: ['a'], c: ['d', 'b'], d: ['c'] }))).toEqual([
      '3:15 CYCLE The tasks must not form a cycle: a -> b -> a',
      '5:15 CYCLE The tasks must not form a cycle: c -> d -> c',
    ])
  })

  it('of many tasks is shortened in the middle', () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => `t${index}`)
    const report = checkDefinition(
      file(Object.fromEntries(keys.map((key, index) => [key, [keys.at(index - 1) as string]]))),
    )
    expect(report.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/: t0 -> t1 -> .* -> \(9981 more\) -> .* -> t9999 -> t0$/),
    ])
  })

  it('is found in a chain of 10,000 without recursion, and not where there is none', () => {
    expect(findCycles(Array.from({ length: 10_000 }, (_, index) => (index === 0 ? [] : [index - 1])))).toEqual([])
    expect(findCycles([[0]])).toEqual([])
    expect(findCycles([[1, 2], [0], [1]])).toEqual([[0, 1]])
  })
})
