import type { Json } from '../../../src/domain/json.js'
import { attempt, dag, ended, RunSpec, request, step } from './run-spec.js'

const LIST = { forEach: ['a', { b: 1 }, null] as Json[] }
const given = (more: object = LIST, settings: object = {}) =>
  RunSpec.given(dag({ first: [], load: { needs: ['first'], ...more }, after: { needs: ['load'] } }, settings))

describe('a task with a list', () => {
  it('has an instance for each element once its rule holds, and waits for them', () => {
    const spec = given().and(step.dispatch('first'))
    spec
      .when(ended('first', 'SUCCEEDED'))
      .follows(
        'InstanceStarted',
        ['InstanceSucceeded', 'first'],
        ['InstanceExpanded', { task: 'load', items: ['a', { b: 1 }, null] }],
        ['InstanceQueued', 'load[0]'],
        ['InstanceQueued', 'load[1]'],
        ['InstanceQueued', 'load[2]'],
      )
    expect([spec.status('load'), spec.status('load[1]'), spec.status('after')]).toEqual([
      'RUNNING',
      'QUEUED',
      'PENDING',
    ])
  })

  it('ends with the last of them, with their outputs in the order of the list', () => {
    given()
      .and(...attempt('first', 'SUCCEEDED'))
      .and(...attempt('load[2]', 'SUCCEEDED', { output: { n: 2 } }), ...attempt('load[0]', 'SUCCEEDED', { output: 0 }))
      .and(step.dispatch('load[1]'), step.started('load[1]'))
      .when(ended('load[1]', 'SUCCEEDED'))
      .follows(
        ['InstanceSucceeded', 'load[1]'],
        ['InstanceSucceeded', { task: 'load', attempt: null, output: [0, null, { n: 2 }], errorMessage: null }],
        ['InstanceQueued', 'after'],
      )
  })

  it('fails when one of them has, but lets the others go on', () => {
    const spec = given().and(...attempt('first', 'SUCCEEDED'), ...attempt('load[1]', 'FAILED'))
    expect([spec.status('load'), spec.status('load[0]')]).toEqual(['RUNNING', 'QUEUED'])
    spec
      .and(...attempt('load[0]', 'SUCCEEDED'), step.dispatch('load[2]'), step.started('load[2]'))
      .when(ended('load[2]', 'SUCCEEDED'))
      .follows(
        ['InstanceSucceeded', 'load[2]'],
        ['InstanceFailed', { task: 'load', errorMessage: '1 of 3 elements failed, load[1] first: FAILED' }],
        ['InstanceUpstreamFailed', 'after'],
        ['RunFailed', { errorMessage: 'Task load ended FAILED' }],
      )
  })

  it('under skipFailed counts as succeeded for what comes after', () => {
    given({ forEach: [1] }, { skipFailed: true })
      .and(...attempt('first', 'SUCCEEDED'), step.dispatch('load[0]'), step.started('load[0]'))
      .when(ended('load[0]', 'FAILED'))
      .follows(['InstanceFailed', 'load[0]'], ['InstanceFailed', 'load'], ['InstanceQueued', 'after'])
  })

  it('succeeds at once with no element', () => {
    given({ forEach: [] })
      .and(step.dispatch('first'), step.started('first'))
      .when(ended('first', 'SUCCEEDED'))
      .follows(
        ['InstanceSucceeded', 'first'],
        ['InstanceExpanded', { items: [] }],
        ['InstanceSucceeded', { task: 'load', output: [] }],
        ['InstanceQueued', 'after'],
      )
  })

  it('asks its condition once, before the list', () => {
    const asked: string[] = []
    RunSpec.nothing()
      .withEvaluator((expression) => {
        asked.push(expression)
        return false
      })
      .and({ ...requestOf({ list: { forEach: 'parameters.list', if: 'parameters.on' } }) })
    expect(asked).toEqual(['parameters.on'])
  })

  it.each([
    [{ not: 'a list' }, 'forEach parameters.list must result in a list, not {"not":"a list"}'],
    [Array(10_001).fill(0), 'forEach must have at most 10000 elements, given 10001'],
    [new Error('No such key: list'), 'forEach parameters.list cannot be evaluated: No such key: list'],
  ])('is ERRORED by what is no list that can be had', (value, errorMessage) => {
    const spec = RunSpec.nothing().withEvaluator(() => {
      if (value instanceof Error) throw value
      return value
    })
    spec
      .when(requestOf({ list: { forEach: 'parameters.list' } }))
      .follows('RunRequested', 'RunStarted', ['InstanceErrored', { task: 'list', errorMessage }], 'RunFailed')
  })

  it('is ERRORED when the outputs together are too large', () => {
    const half = 'x'.repeat(500_000)
    given({ forEach: [1, 2] })
      .and(...attempt('first', 'SUCCEEDED'), ...attempt('load[0]', 'SUCCEEDED', { output: half }))
      .and(step.dispatch('load[1]'), step.started('load[1]'))
      .when(ended('load[1]', 'SUCCEEDED', { output: half }))
      .follows(
        ['InstanceSucceeded', 'load[1]'],
        ['InstanceErrored', 'load'],
        ['InstanceUpstreamFailed', 'after'],
        'RunFailed',
      )
  })

  it('is ERRORED when its run would have more than 100,000 instances', () => {
    const lists = Object.fromEntries(
      Array.from({ length: 10 }, (_, at) => [`t${at}`, { forEach: Array(10_000).fill(0) }]),
    )
    const spec = RunSpec.given(dag(lists))
    expect([spec.status('t8'), spec.status('t9')]).toEqual(['RUNNING', 'ERRORED'])
  })

  it('lets no more of them go on at a time than maxParallel', () => {
    const spec = given(LIST, { maxParallel: 2 }).and(step.dispatch('first'), step.started('first'))
    spec
      .when(ended('first', 'SUCCEEDED'))
      .follows('InstanceSucceeded', 'InstanceExpanded', ['InstanceQueued', 'load[0]'], ['InstanceQueued', 'load[1]'])
    spec
      .and(step.dispatch('load[1]'), step.started('load[1]'))
      .when(ended('load[1]', 'SUCCEEDED'))
      .follows('InstanceSucceeded', ['InstanceQueued', 'load[2]'])
  })
})

describe('what an operator decides', () => {
  const running = () => given().and(...attempt('first', 'SUCCEEDED'), step.dispatch('load[0]'), step.started('load[0]'))

  it('canceling the task cancels its elements, and it ends with them', () => {
    const spec = running()
    spec
      .when(step.cancel('load'))
      .follows(['InstanceCancelRequested', 'load[0]'], ['InstanceCanceled', 'load[1]'], ['InstanceCanceled', 'load[2]'])
    spec
      .when(ended('load[0]', 'STOPPED'))
      .follows(
        ['InstanceCanceled', 'load[0]'],
        ['InstanceCanceled', { task: 'load', errorMessage: '3 of 3 elements were canceled' }],
        ['InstanceUpstreamFailed', 'after'],
        'RunFailed',
      )
  })

  it('an element is forced by its key; the task itself is not', () => {
    running()
      .when(step.force('load', 'SUCCEEDED'))
      .saysNo('NOT_ALLOWED_IN_STATE', /stands for its elements/)
    running().when(step.force('load[1]', 'SKIPPED')).follows(['InstanceSkipped', 'load[1]'])
  })

  it('canceling the run ends all of it', () => {
    running()
      .and(step.cancelRun)
      .when(ended('load[0]', 'STOPPED'))
      .follows(['InstanceCanceled', 'load[0]'], ['InstanceCanceled', 'load'], 'RunCanceled')
  })
})

function requestOf(tasks: Parameters<typeof dag>[0]) {
  return request(dag(tasks))
}
