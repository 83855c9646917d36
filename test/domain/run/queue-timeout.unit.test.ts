import { planOf } from '../../../src/domain/dag/plan.js'
import { attempt, dag, ended, RunSpec, step } from './run-spec.js'

const plan = (more: object = {}) =>
  planOf({
    name: 'waits',
    tasks: { a: { run: 'x', queueTimeout: 90, queue: 'slow', ...more }, b: { needs: ['a'], noop: {} } },
  })
const timeOut = (attemptNumber: number) => ({ type: 'TimeOutInstance', task: 'a', attempt: attemptNumber }) as const

it('who has waited too long ends TIMED_OUT without an attempt, saying where it waited', () => {
  RunSpec.given(plan({ machine: 'big' }))
    .when(timeOut(1))
    .follows(
      [
        'InstanceTimedOut',
        { task: 'a', attempt: null, errorMessage: 'Waited longer than its queueTimeout of 90 s in queue slow for big' },
      ],
      ['InstanceUpstreamFailed', 'b'],
      'RunFailed',
    )
})

it('who waits for labels says so', () => {
  RunSpec.given(plan({ labels: ['gpu', 'big'] }))
    .when(timeOut(1))
    .follows(
      ['InstanceTimedOut', { errorMessage: expect.stringMatching(/in queue slow for a machine with gpu, big$/) }],
      'InstanceUpstreamFailed',
      'RunFailed',
    )
})

it('a timer that comes when it was dispatched already, or for an earlier wait, changes nothing', () => {
  RunSpec.given(plan(), step.dispatch('a')).when(timeOut(1)).staysQuiet()
  RunSpec.given(plan(), ...attempt('a', 'SUCCEEDED'))
    .when(timeOut(1))
    .staysQuiet()
  RunSpec.given(plan(), step.pause, step.cancelRun).when(timeOut(1)).staysQuiet()
  const retried = RunSpec.given(plan({ retry: { maxAttempts: 2 } }), step.dispatch('a'), ended('a', 'FAILED'))
  retried.when(timeOut(1)).staysQuiet()
  retried.when(timeOut(2)).follows(['InstanceTimedOut', 'a'], 'InstanceUpstreamFailed', 'RunFailed')
})

it('the verdict of an attempt is that of the end it led to', () => {
  RunSpec.given(dag({ a: [] }), step.dispatch('a'))
    .when({ ...ended('a', 'SUCCEEDED'), verdict: 'FAIL' })
    .follows('InstanceStarted', ['InstanceSucceeded', { verdict: 'FAIL' }], 'RunSucceeded')
  RunSpec.given(dag({ a: { retry: { maxAttempts: 2 } } }), step.dispatch('a'))
    .when({ ...ended('a', 'FAILED'), verdict: 'FAIL' })
    .follows('InstanceStarted', ['InstanceAttemptFailed', { verdict: undefined }], 'InstanceQueued')
})
