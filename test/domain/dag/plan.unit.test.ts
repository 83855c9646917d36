import type { DagDefinition } from '../../../src/domain/dag/definition.js'
import { parameterVariable } from '../../../src/domain/dag/parameter-variable.js'
import { planOf } from '../../../src/domain/dag/plan.js'
import { bytesOf, millisecondsOf } from '../../../src/domain/dag/units.js'

const plan = (definition: Omit<DagDefinition, 'name'>) => planOf({ name: 'x', ...definition })

describe('a plan', () => {
  it('has the default of everything', () => {
    expect(plan({ tasks: { a: { run: 'echo' } } })).toEqual({
      skipFailed: false,
      maxParallel: null,
      timeoutMs: null,
      tags: [],
      tasks: [
        {
          ordinal: 0,
          key: 'a',
          name: 'a',
          executionOrder: 1,
          needs: [],
          triggerRule: 'ALL_SUCCESS',
          condition: null,
          engine: 'shell',
          queue: 'default',
          machine: null,
          cpu: 0,
          memoryBytes: 0,
          priority: 0,
          tags: [],
          timeoutMs: null,
          graceMs: 10_000,
          retry: {
            maxAttempts: 1,
            delayMs: 0,
            backoff: 'CONSTANT',
            maxDelayMs: 3_600_000,
            jitter: false,
            onExitCodes: null,
          },
          isIdempotent: false,
          action: {
            engine: 'shell',
            command: 'echo',
            arguments: [],
            interpreter: null,
            directory: null,
            environment: {},
          },
        },
      ],
    })
  })

  it('takes what a task does not say from the defaults, retry and env by name', () => {
    const { tasks } = plan({
      defaults: {
        env: { A: '1', B: '1' },
        retry: { maxAttempts: 3, delay: '1s' },
        timeout: '1m',
        resources: { cpu: 2 },
      },
      tasks: { a: { run: 'x', env: { B: '2' }, retry: { maxAttempts: 5 } }, b: { noop: {} } },
    })
    expect(tasks[0]).toMatchObject({ timeoutMs: 60_000, cpu: 2, retry: { maxAttempts: 5, delayMs: 1_000 } })
    expect(tasks[0]?.action).toMatchObject({ environment: { A: '1', B: '2' } })
  })

  it('gives no machine, no cpu and no memory to what runs on no machine', () => {
    const { tasks } = plan({
      defaults: { machine: 'local', resources: { cpu: 2, memory: '1GB' }, interpreter: 'sh' },
      tasks: { a: { noop: {} }, b: { http: { url: 'http://x' } }, c: { run: 'x' }, d: { script: 'x' } },
    })
    expect(tasks.map(({ machine, cpu }) => [machine, cpu])).toEqual([
      [null, 0],
      [null, 0],
      ['local', 2],
      ['local', 2],
    ])
    expect(tasks.map(({ action }) => ('interpreter' in action ? action.interpreter : null))).toEqual([
      null,
      null,
      null,
      'sh',
    ])
  })

  it('orders level by level, ties in the order of the file', () => {
    const noop = {}
    const { tasks } = plan({
      tasks: {
        d: { noop, needs: ['b', 'c'] },
        c: { noop, needs: ['a'] },
        b: { noop },
        a: { noop },
        e: { noop, needs: ['d'] },
      },
    })
    const inOrder = [...tasks].sort((x, y) => x.executionOrder - y.executionOrder)
    expect(inOrder.map(({ key }) => key).join('')).toBe('bacde')
  })

  it('is none of a definition that was never checked', () => {
    expect(() => plan({ tasks: { a: { noop: {}, needs: ['b'] } } })).toThrow('Unknown need: b')
    expect(() => plan({ tasks: { a: { noop: {}, needs: ['a'] } } })).toThrow('The tasks form a cycle')
  })
})

describe('units', () => {
  it.each([
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['250ms', 250],
    ['1.5s', 1_500],
    ['1m500ms', 60_500],
    [2.5, 2_500],
  ])('%s is %d ms', (given, expected) => expect(millisecondsOf(given)).toBe(expected))

  it.each([
    ['512MB', 512e6],
    ['512MiB', 512 * 2 ** 20],
    ['1.5GiB', 1.5 * 2 ** 30],
    ['100B', 100],
    [12, 12],
  ])('%s is %d bytes', (given, expected) => expect(bytesOf(given)).toBe(expected))

  it.each(['', 's', '1', '1x', '30m1h', '1s1s', '-1s', ' 1s'])('%j is no duration', (given) => {
    expect(() => millisecondsOf(given)).toThrow('Not a duration')
  })

  it.each(['', '1', 'MB', '1XB', '1 MB', '-1MB'])('%j is no size', (given) => {
    expect(() => bytesOf(given)).toThrow('Not a size of memory')
  })
})

it('a parameter has a variable in upper case', () => {
  expect(parameterVariable('day-of_week1')).toBe('DAGBOOK_PARAM_DAY_OF_WEEK1')
})
