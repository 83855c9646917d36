import fc from 'fast-check'
import type { TaskDefinition } from '../../../src/domain/dag/definition.js'
import { isInstanceEnd } from '../../../src/domain/run/status.js'
import { attempt, dag, ended, RunSpec, step } from './run-spec.js'

const batch = (keys: readonly string[], maxParallel: number, more: Partial<TaskDefinition> = {}) => ({
  ...dag(Object.fromEntries(keys.map((key) => [key, { ...more }])), { maxParallel }),
  stopOnFailure: true as const,
})

it('one after the other in their order, and after a failure the rest is skipped, saying which it was', () => {
  const spec = RunSpec.given(batch(['a', 'b', 'c', 'd'], 1), ...attempt('a', 'SUCCEEDED'), step.dispatch('b'))
  spec
    .when(ended('b', 'FAILED'))
    .follows(
      ['InstanceStarted', 'b'],
      ['InstanceFailed', 'b'],
      ['InstanceSkipped', { task: 'c', errorMessage: 'Not run: b ended FAILED', attempt: null }],
      ['InstanceSkipped', 'd'],
      ['RunFailed', { errorMessage: 'Task b ended FAILED' }],
    )
})

it('what waits in a queue is skipped, too, and what runs goes on to its end', () => {
  const spec = RunSpec.given(batch(['a', 'b', 'c', 'd'], 3), step.dispatch('a'), step.dispatch('b'))
  spec
    .when(ended('a', 'TIMED_OUT'))
    .follows(['InstanceStarted', 'a'], ['InstanceTimedOut', 'a'], ['InstanceSkipped', 'c'], ['InstanceSkipped', 'd'])
  spec.when(ended('b', 'SUCCEEDED')).follows(['InstanceStarted', 'b'], ['InstanceSucceeded', 'b'], 'RunFailed')
})

it('what was to be tried again is not', () => {
  const plan = batch(['a', 'b'], 2, { retry: { maxAttempts: 2, delay: 60 } })
  const spec = RunSpec.given(plan, ...attempt('a', 'FAILED'), step.dispatch('b'))
  spec.when(step.force('a', 'FAILED')).follows(['InstanceFailed', 'a'])
  spec
    .when(ended('b', 'FAILED'))
    .follows(['InstanceStarted', 'b'], ['InstanceAttemptFailed', 'b'], ['InstanceSkipped', 'b'], 'RunFailed')
})

it('without a failure all is run; without the wish a failure stops nothing', () => {
  const fine = RunSpec.given(batch(['a', 'b'], 1), ...attempt('a', 'SUCCEEDED'), step.dispatch('b'))
  fine.when(ended('b', 'SUCCEEDED')).follows(['InstanceStarted', 'b'], ['InstanceSucceeded', 'b'], 'RunSucceeded')
  const { stopOnFailure: _, ...goingOn } = batch(['a', 'b'], 1)
  RunSpec.given(goingOn, step.dispatch('a'))
    .when(ended('a', 'FAILED'))
    .follows(['InstanceStarted', 'a'], ['InstanceFailed', 'a'], ['InstanceQueued', 'b'])
})

it('whatever fails when, nothing is dispatched after it and every run ends', () => {
  const scripts = fc.integer({ min: 1, max: 12 })
  fc.assert(
    fc.property(
      scripts,
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
      (count, parallel, ends) => {
        const keys = Array.from({ length: count }, (_, at) => `t${at}`)
        const spec = RunSpec.given(batch(keys, parallel))
        let hasFailed = false
        for (let turn = 0; spec.state.status === 'RUNNING' && turn < 100; turn += 1) {
          const queued = keys.filter((key) => spec.status(key) === 'QUEUED')
          if (hasFailed) expect(queued).toEqual([])
          for (const key of queued) spec.and(step.dispatch(key))
          const live = keys.find((key) => spec.status(key) === 'DISPATCHED') as string
          const isGood = ends[keys.indexOf(live)] === true
          hasFailed ||= !isGood
          spec.and(ended(live, isGood ? 'SUCCEEDED' : 'FAILED'))
        }
        expect(spec.state.status).toBe(hasFailed ? 'FAILED' : 'SUCCEEDED')
      },
    ),
  )
  expect(isInstanceEnd('SKIPPED')).toBe(true)
})
