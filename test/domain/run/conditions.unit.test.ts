import type { ConditionScope } from '../../../src/domain/run/commands.js'
import { attempt, dag, ended, REQUEST, RunSpec, request, step } from './run-spec.js'

const gated = dag({ a: [], b: { needs: ['a'], if: 'maybe' }, c: ['b'], d: { needs: ['b'], when: 'ALL_DONE' } })
const atTheGate = (evaluate: () => boolean) =>
  RunSpec.given(gated, step.dispatch('a'), step.started('a')).withEvaluator(evaluate).when(ended('a', 'SUCCEEDED'))

describe('a condition', () => {
  it('that is true queues the task', () => {
    atTheGate(() => true).follows(['InstanceSucceeded', 'a'], ['InstanceQueued', 'b'])
  })

  it('that is false skips it, and lets the skip travel on', () => {
    atTheGate(() => false).follows(
      ['InstanceSucceeded', 'a'],
      ['InstanceSkipped', { task: 'b', errorMessage: null }],
      ['InstanceSkipped', 'c'],
      ['InstanceQueued', 'd'],
    )
  })

  it('that cannot be evaluated makes it ERRORED, which the rules take for a failure', () => {
    atTheGate(() => {
      throw new Error('no such key: rows')
    }).follows(
      ['InstanceSucceeded', 'a'],
      ['InstanceErrored', { task: 'b', errorMessage: 'Condition maybe cannot be evaluated: no such key: rows' }],
      ['InstanceUpstreamFailed', 'c'],
      ['InstanceQueued', 'd'],
    )
  })

  it('is asked only once its rule holds', () => {
    RunSpec.given(gated, step.dispatch('a'), step.started('a'))
      .when(ended('a', 'FAILED'))
      .follows(
        'InstanceFailed',
        ['InstanceUpstreamFailed', 'b'],
        ['InstanceUpstreamFailed', 'c'],
        ['InstanceQueued', 'd'],
      )
  })

  it('is not asked again for a retry', () => {
    const plan = dag({ a: { if: 'maybe', retry: { maxAttempts: 2 } } })
    let asked = 0
    RunSpec.nothing()
      .withEvaluator(() => {
        asked += 1
        return true
      })
      .and(request(plan), step.dispatch('a'), step.started('a'))
      .when(ended('a', 'FAILED'))
      .follows('InstanceAttemptFailed', 'InstanceQueued')
    expect(asked).toBe(1)
  })

  it('that is false takes no slot', () => {
    const plan = dag({ a: { if: 'no' }, b: [], c: [] }, { maxParallel: 1 })
    RunSpec.nothing()
      .withEvaluator(() => false)
      .when(request(plan))
      .follows('RunRequested', 'RunStarted', ['InstanceSkipped', 'a'], ['InstanceQueued', 'b'])
  })
})

describe('what a condition sees', () => {
  /** The scope that a condition is given after tasks `a`, `a-b` and `__proto__` have succeeded with 1, 2 and 3. */
  function scopeOf(condition: string): ConditionScope {
    let seen: ConditionScope | undefined
    const tasks = { a: [], 'a-b': [], ['__proto__']: [], z: { needs: ['a', 'a-b', '__proto__'], if: condition } }
    RunSpec.given(dag(tasks))
      .withEvaluator((expression, scope) => {
        expect(expression).toBe(condition)
        seen = scope
        return true
      })
      .and(...attempt('a', 'SUCCEEDED', { output: 1 }), ...attempt('a-b', 'SUCCEEDED', { output: 2 }))
      .and(...attempt('__proto__', 'SUCCEEDED', { output: 3 }))
    return seen as ConditionScope
  }

  it('is the run and its parameters', () => {
    const { parameters, run } = scopeOf('true')
    expect(parameters).toBe(REQUEST.parameters)
    expect(run).toEqual({ name: 'nightly', kind: 'DAG', trigger: 'MANUAL', logicalDate: null })
  })

  it.each([
    ['outputs["a"] > 0', [1]],
    ["outputs['a-b'] > 0", [2]],
    ['outputs . a-1 > 0', [1]],
    ['has(outputs.a) && outputs [ "a-b" ] > 0', [1, 2]],
    ['outputs["__proto__"] == 3', [3]],
    ['parameters.day != ""', []],
  ])('is the outputs that %s names', (condition, expected) => {
    expect(Object.values(scopeOf(condition).outputs)).toEqual(expected)
  })

  it.each([
    'outputs["a" + "-b"] > 0',
    'outputs.all(key, outputs[key] > 0)',
    'outputs.exists (key, key == "a")',
    'outputs["\\u0061"] > 0',
    'outputs[parameters.which] > outputs["a"]',
    '"a" in outputs',
    'outputs // the first \n .a > 0',
  ])('is every output where it names them some other way: %s', (condition) => {
    expect(Object.entries(scopeOf(condition).outputs)).toEqual([
      ['a', 1],
      ['a-b', 2],
      ['__proto__', 3],
    ])
  })

  it('is null as the output of a task that was skipped', () => {
    const plan = dag({ a: { if: 'no' }, b: { needs: ['a'], when: 'ALL_DONE', if: 'outputs.a == null' } })
    RunSpec.nothing()
      .withEvaluator((expression, { outputs }) => expression !== 'no' && outputs.a === null)
      .when(request(plan))
      .follows('RunRequested', 'RunStarted', ['InstanceSkipped', 'a'], ['InstanceQueued', 'b'])
  })
})
