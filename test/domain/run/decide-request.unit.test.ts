import type { InstanceId } from '../../../src/domain/ids.js'
import type { ReusedInstance } from '../../../src/domain/run/commands.js'
import type { InstanceEnd } from '../../../src/domain/run/status.js'
import { attempt, dag, ended, RunSpec, request, step } from './run-spec.js'

describe('requesting a run', () => {
  it('starts it and queues every task that waits for nothing', () => {
    RunSpec.nothing()
      .when(request(dag({ a: [], b: ['a'], c: [] })))
      .follows('RunRequested', 'RunStarted', ['InstanceQueued', { task: 'a', attempt: 1 }], ['InstanceQueued', 'c'])
  })

  it('says no the second time, and to a plan without tasks', () => {
    RunSpec.given(dag({ a: [] }))
      .when(request(dag({ a: [] })))
      .saysNo('CONFLICT')
    RunSpec.nothing()
      .when(request(dag({})))
      .saysNo('INVALID', 'A run needs at least one task, given none')
  })

  it('comes before every other command', () => {
    for (const command of [
      step.cancelRun,
      step.timeOut,
      step.pause,
      step.resume,
      step.cancel('a'),
      step.dispatch('a'),
    ]) {
      RunSpec.nothing().when(command).saysNo('NOT_FOUND', 'The run does not exist')
    }
  })
})

describe('the end of a run', () => {
  it('is SUCCEEDED when every task succeeded or was skipped', () => {
    const plan = dag({ a: [], b: { needs: ['a'], when: 'ALL_FAILED' } })
    RunSpec.given(plan, step.dispatch('a'), step.started('a'))
      .when(ended('a', 'SUCCEEDED'))
      .follows('InstanceSucceeded', ['InstanceSkipped', 'b'], 'RunSucceeded')
  })

  it('is FAILED when a task failed, also one that a handler came after', () => {
    const plan = dag({ a: [], handler: { needs: ['a'], when: 'ONE_FAILED' } })
    RunSpec.given(plan, ...attempt('a', 'FAILED'), step.dispatch('handler'), step.started('handler'))
      .when(ended('handler', 'SUCCEEDED'))
      .follows('InstanceSucceeded', ['RunFailed', { errorMessage: 'Task a ended FAILED' }])
  })

  it('comes only when nothing of it can go on', () => {
    RunSpec.given(dag({ a: [], b: [] }), step.dispatch('a'), step.started('a'))
      .when(ended('a', 'FAILED'))
      .follows('InstanceFailed')
      .and(step.dispatch('b'), step.started('b'))
      .when(ended('b', 'SUCCEEDED'))
      .follows('InstanceSucceeded', 'RunFailed')
  })
})

describe('a task that a rerun takes over', () => {
  const reused = (task: string, status: InstanceEnd, output: number | null = null): ReusedInstance => {
    return { task, from: `instance_${task}` as InstanceId, status, exitCode: status === 'SUCCEEDED' ? 0 : null, output }
  }

  it('appears with its old end and output, before the run starts, without an attempt', () => {
    const plan = dag({ a: [], b: ['a'], c: [] })
    RunSpec.nothing()
      .when(request(plan, [reused('a', 'SUCCEEDED', 5)]))
      .follows(
        'RunRequested',
        ['InstanceReused', { task: 'a', from: 'instance_a', status: 'SUCCEEDED', exitCode: 0, output: 5 }],
        'RunStarted',
        ['InstanceQueued', 'b'],
        ['InstanceQueued', 'c'],
      )
  })

  it('counts for the rules after it and for the run’s end as if it had ended here', () => {
    const plan = dag({ a: [], b: ['a'], c: { needs: ['a'], when: 'ONE_FAILED' } })
    RunSpec.nothing()
      .when(request(plan, [reused('a', 'TIMED_OUT')]))
      .follows('RunRequested', 'InstanceReused', 'RunStarted', ['InstanceUpstreamFailed', 'b'], ['InstanceQueued', 'c'])
      .and(step.dispatch('c'), step.started('c'))
      .when(ended('c', 'SUCCEEDED'))
      .follows('InstanceSucceeded', ['RunFailed', { errorMessage: 'Task a ended TIMED_OUT' }])
  })

  it('takes no slot', () => {
    RunSpec.nothing()
      .when(request(dag({ a: [], b: [], c: [] }, { maxParallel: 1 }), [reused('a', 'SUCCEEDED')]))
      .follows('RunRequested', 'InstanceReused', 'RunStarted', ['InstanceQueued', 'b'])
  })

  it('offers its output to conditions', () => {
    const plan = dag({ a: [], b: { needs: ['a'], if: 'outputs["a"] > 4' } })
    RunSpec.nothing()
      .withEvaluator((_, { outputs }) => (outputs.a as number) > 4)
      .when(request(plan, [reused('a', 'SUCCEEDED', 5)]))
      .follows('RunRequested', 'InstanceReused', 'RunStarted', ['InstanceQueued', 'b'])
  })
})
