import { attempt, dag, ended, RunSpec, step } from './run-spec.js'

const chain = dag({ a: [], b: ['a'] })

describe('pauseRun', () => {
  it('lets what lives go on, and holds what it queues', () => {
    RunSpec.given(chain, step.dispatch('a'), step.started('a'))
      .when(step.pause)
      .follows('RunPaused')
      .when(ended('a', 'SUCCEEDED'))
      .follows(['InstanceSucceeded', 'a'], ['InstanceQueued', { task: 'b', attempt: 1, isHeld: true }])
      .when(step.dispatch('b'))
      .staysQuiet()
      .when(step.resume)
      .follows('RunResumed')
      .when(step.dispatch('b'))
      .follows(['InstanceDispatched', 'b'])
  })

  it('dispatches nothing that was queued before', () => {
    RunSpec.given(chain, step.pause).when(step.dispatch('a')).staysQuiet()
  })

  it('holds a retry too, at once or after its wait', () => {
    const plan = dag({ a: { retry: { maxAttempts: 2 } }, b: { retry: { maxAttempts: 2, delay: 1 } } })
    RunSpec.given(plan, step.dispatch('a'), step.started('a'), ...attempt('b', 'FAILED'), step.pause)
      .when(ended('a', 'FAILED'))
      .follows('InstanceAttemptFailed', ['InstanceQueued', { task: 'a', attempt: 2, isHeld: true }])
      .when(step.retry('b'))
      .follows(['InstanceQueued', { task: 'b', attempt: 2, isHeld: true }])
  })

  it('does not keep a run from ending, being canceled or timing out', () => {
    const one = dag({ a: [] })
    const paused = () => RunSpec.given(one, step.dispatch('a'), step.started('a'), step.pause)
    paused().when(ended('a', 'SUCCEEDED')).follows('InstanceSucceeded', 'RunSucceeded')
    paused().when(step.cancelRun).follows('RunCancelRequested', 'InstanceCancelRequested')
    paused().when(step.timeOut).follows('RunTimeoutReached', 'InstanceCancelRequested')
  })

  it('is quiet the second time, as is resumeRun', () => {
    RunSpec.given(chain, step.pause).when(step.pause).staysQuiet()
    RunSpec.given(chain).when(step.resume).staysQuiet()
  })

  it('says no, as resumeRun does, to a run that is over', () => {
    const over = RunSpec.given(dag({ a: [] }), ...attempt('a', 'FAILED'))
    over.when(step.pause).saysNo('NOT_ALLOWED_IN_STATE', 'A run that is already finished (FAILED) cannot be paused')
    over.when(step.resume).saysNo('NOT_ALLOWED_IN_STATE', 'A run that is already finished (FAILED) cannot be resumed')
  })
})

describe('the run’s timeout', () => {
  const limited = dag({ a: [], b: ['a'] }, { timeout: '2h' })

  it('stops what lives, cancels what waits, and ends the run TIMED_OUT', () => {
    RunSpec.given(limited, step.dispatch('a'), step.started('a'))
      .when(step.timeOut)
      .follows(
        'RunTimeoutReached',
        ['InstanceCancelRequested', { task: 'a', reason: 'The run timed out' }],
        ['InstanceCanceled', { task: 'b', errorMessage: 'The run timed out' }],
      )
      .when(ended('a', 'STOPPED'))
      .follows('InstanceCanceled', ['RunTimedOut', { errorMessage: 'The run took longer than its timeout of 7200 s' }])
  })

  it('is quiet when it comes twice, after a cancel, or after the end', () => {
    RunSpec.given(limited, step.dispatch('a'), step.timeOut).when(step.timeOut).staysQuiet()
    RunSpec.given(limited, step.dispatch('a'), step.cancelRun)
      .when(step.timeOut)
      .staysQuiet()
      .when(ended('a', 'STOPPED'))
      .follows('InstanceStarted', 'InstanceCanceled', 'RunCanceled')
    RunSpec.given(limited, step.cancelRun).when(step.timeOut).staysQuiet()
  })
})
