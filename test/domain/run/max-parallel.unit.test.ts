import { attempt, dag, ended, RunSpec, request, step } from './run-spec.js'

describe('maxParallel', () => {
  it('queues so many at a time, first come first served', () => {
    RunSpec.nothing()
      .when(request(dag({ a: [], b: [], c: [], d: ['a'] }, { maxParallel: 2 })))
      .follows('RunRequested', 'RunStarted', ['InstanceQueued', 'a'], ['InstanceQueued', 'b'])
      .and(step.dispatch('a'), step.started('a'))
      .when(ended('a', 'SUCCEEDED'))
      .follows(['InstanceSucceeded', 'a'], ['InstanceQueued', 'c'])
      .and(step.dispatch('b'), step.started('b'))
      .when(ended('b', 'SUCCEEDED'))
      .follows(['InstanceSucceeded', 'b'], ['InstanceQueued', 'd'])
  })

  it('of 1 is one after the other', () => {
    const spec = RunSpec.given(dag({ a: [], b: [], c: [] }, { maxParallel: 1 }))
    for (const [task, next] of [
      ['a', ['InstanceQueued', 'b']],
      ['b', ['InstanceQueued', 'c']],
    ] as const) {
      spec
        .and(step.dispatch(task), step.started(task))
        .when(ended(task, 'SUCCEEDED'))
        .follows('InstanceSucceeded', next)
    }
    spec.and(...attempt('c', 'SUCCEEDED'))
    expect(spec.state.status).toBe('SUCCEEDED')
  })

  it('counts one that waits for its retry', () => {
    const plan = dag({ a: { retry: { maxAttempts: 2, delay: 60 } }, b: [] }, { maxParallel: 1 })
    RunSpec.given(plan, step.dispatch('a'), step.started('a'))
      .when(ended('a', 'FAILED'))
      .follows(['InstanceAttemptFailed', 'a'])
      .when(step.retry('a'))
      .follows(['InstanceQueued', 'a'])
      .and(step.dispatch('a'), step.started('a'))
      .when(ended('a', 'FAILED'))
      .follows(['InstanceFailed', 'a'], ['InstanceQueued', 'b'])
  })

  it('frees the slot of one that is canceled while it is queued', () => {
    RunSpec.given(dag({ a: [], b: [] }, { maxParallel: 1 }))
      .when(step.cancel('a'))
      .follows(['InstanceCanceled', 'a'], ['InstanceQueued', 'b'])
  })

  it('does not hold back the ends that need no slot', () => {
    const plan = dag({ a: [], b: [], c: { needs: ['a'], when: 'ALL_FAILED' }, d: ['c'] }, { maxParallel: 1 })
    RunSpec.given(plan, step.dispatch('a'), step.started('a'))
      .when(ended('a', 'SUCCEEDED'))
      .follows(['InstanceSucceeded', 'a'], ['InstanceSkipped', 'c'], ['InstanceSkipped', 'd'], ['InstanceQueued', 'b'])
  })

  it('passes over one that was canceled while it waited for a slot', () => {
    RunSpec.given(
      dag({ a: [], b: [], c: [] }, { maxParallel: 1 }),
      step.cancel('b'),
      step.dispatch('a'),
      step.started('a'),
    )
      .when(ended('a', 'SUCCEEDED'))
      .follows(['InstanceSucceeded', 'a'], ['InstanceQueued', 'c'])
  })
})
