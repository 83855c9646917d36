import { attempt, dag, ended, RunSpec, step } from './run-spec.js'

const chain = dag({ a: [], b: ['a'], c: { needs: ['b'], when: 'ALL_DONE' } })

describe('cancelRun', () => {
  it('ends at once what only waits, and with it the run', () => {
    RunSpec.given(chain)
      .when(step.cancelRun)
      .follows(
        ['RunCancelRequested', { reason: 'enough' }],
        ['InstanceCanceled', 'a'],
        ['InstanceCanceled', 'b'],
        ['InstanceCanceled', 'c'],
        ['RunCanceled', { reason: 'enough' }],
      )
  })

  it('asks what lives to stop, and ends when that has stopped', () => {
    const plan = dag({ a: [], b: [], c: [], d: { retry: { maxAttempts: 2, delay: 1 } }, e: [], f: ['a'] })
    RunSpec.given(plan, step.dispatch('a'), step.dispatch('b'), step.started('b'), ...attempt('d', 'FAILED'))
      .and(step.dispatch('e'), step.lost('e'))
      .when(step.cancelRun)
      .follows(
        'RunCancelRequested',
        ['InstanceCancelRequested', 'a'],
        ['InstanceCancelRequested', 'b'],
        ['InstanceCanceled', 'c'],
        ['InstanceCanceled', 'd'],
        ['InstanceCancelRequested', 'e'],
        ['InstanceCanceled', 'f'],
      )
      .when(ended('a', 'NOT_STARTED'))
      .follows(['InstanceCanceled', 'a'])
      .when(ended('b', 'STOPPED'))
      .follows(['InstanceCanceled', 'b'])
      .when(ended('e', 'LOST'))
      .follows(['InstanceCanceled', 'e'], ['RunCanceled', { reason: 'enough' }])
  })

  it('keeps the end of a task that was faster, but the run is CANCELED', () => {
    RunSpec.given(chain, step.dispatch('a'), step.started('a'), step.cancelRun)
      .when(ended('a', 'SUCCEEDED', { output: 5 }))
      .follows(['InstanceSucceeded', { task: 'a', output: 5 }], 'RunCanceled')
  })

  it('gives a failure that was faster no further attempt', () => {
    const plan = dag({ a: { retry: { maxAttempts: 3 } } })
    RunSpec.given(plan, step.dispatch('a'), step.started('a'), step.cancelRun)
      .when(ended('a', 'FAILED', { exitCode: 1 }))
      .follows(['InstanceFailed', { exitCode: 1 }], 'RunCanceled')
  })

  it('is quiet the second time, and after the run was canceled', () => {
    RunSpec.given(chain, step.dispatch('a'), step.cancelRun)
      .when(step.cancelRun)
      .staysQuiet()
      .and(ended('a', 'STOPPED'))
      .when(step.cancelRun)
      .staysQuiet()
  })

  it('is quiet when the run’s timeout was decided first', () => {
    RunSpec.given(chain, step.dispatch('a'), step.timeOut)
      .when(step.cancelRun)
      .staysQuiet()
      .when(ended('a', 'STOPPED'))
      .follows('InstanceStarted', 'InstanceCanceled', 'RunTimedOut')
  })

  it('says no once the run has ended otherwise', () => {
    RunSpec.given(dag({ a: [] }), ...attempt('a', 'SUCCEEDED'))
      .when(step.cancelRun)
      .saysNo('NOT_ALLOWED_IN_STATE', 'A run that is already finished (SUCCEEDED) cannot be canceled')
  })

  it('is not a reason to dispatch, pause or resume any more', () => {
    const spec = RunSpec.given(dag({ a: [], b: [] }), step.dispatch('a'), step.cancelRun)
    spec.when(step.dispatch('b')).staysQuiet()
    spec.when(step.pause).saysNo('NOT_ALLOWED_IN_STATE', 'A run that is CANCELING cannot be paused')
    spec.when(step.resume).saysNo('NOT_ALLOWED_IN_STATE')
  })

  it('leaves the end that was decided by hand to the instance being stopped for it', () => {
    RunSpec.given(chain, step.dispatch('a'), step.started('a'), step.force('a', 'SKIPPED'))
      .when(step.cancelRun)
      .follows('RunCancelRequested', ['InstanceCanceled', 'b'], ['InstanceCanceled', 'c'])
      .when(ended('a', 'STOPPED'))
      .follows(['InstanceSkipped', 'a'], 'RunCanceled')
  })
})

describe('cancelInstance', () => {
  it('ends one that waits for others, and what its end decides', () => {
    RunSpec.given(chain)
      .when(step.cancel('b'))
      .follows(['InstanceCanceled', { task: 'b', errorMessage: 'enough' }], ['InstanceQueued', 'c'])
  })

  it('ends one that is queued; to the rules it has failed', () => {
    RunSpec.given(chain)
      .when(step.cancel('a'))
      .follows(['InstanceCanceled', 'a'], ['InstanceUpstreamFailed', 'b'], ['InstanceQueued', 'c'])
  })

  it('ends one that waits for its retry', () => {
    RunSpec.given(dag({ a: { retry: { maxAttempts: 2, delay: 1 } } }), ...attempt('a', 'FAILED'))
      .when(step.cancel('a'))
      .follows(['InstanceCanceled', 'a'], ['RunFailed', { errorMessage: 'Task a ended CANCELED' }])
  })

  it('asks a live one to stop, once', () => {
    RunSpec.given(chain, step.dispatch('a'), step.started('a'))
      .when(step.cancel('a'))
      .follows(['InstanceCancelRequested', { task: 'a', reason: 'enough' }])
      .when(step.cancel('a'))
      .staysQuiet()
      .when(ended('a', 'STOPPED'))
      .follows(['InstanceCanceled', 'a'], ['InstanceUpstreamFailed', 'b'], ['InstanceQueued', 'c'])
      .when(step.cancel('a'))
      .staysQuiet()
  })

  it('leaves an UNKNOWN one UNKNOWN until the stop is confirmed', () => {
    const spec = RunSpec.given(chain, step.dispatch('a'), step.started('a'), step.lost('a'))
      .when(step.cancel('a'))
      .follows(['InstanceCancelRequested', 'a'])
    expect(spec.status('a')).toBe('UNKNOWN')
    spec.and(step.reattach('a'))
    expect(spec.status('a')).toBe('CANCELING')
    spec.when(ended('a', 'STOPPED')).follows(['InstanceCanceled', 'a'], 'InstanceUpstreamFailed', 'InstanceQueued')
  })

  it('loses the race against a success, which goes on as one', () => {
    RunSpec.given(chain, step.dispatch('a'), step.started('a'), step.cancel('a'))
      .when(ended('a', 'SUCCEEDED'))
      .follows(['InstanceSucceeded', 'a'], ['InstanceQueued', 'b'])
  })

  it('gives no further attempt', () => {
    RunSpec.given(dag({ a: { retry: { maxAttempts: 5 } } }), step.dispatch('a'), step.started('a'), step.cancel('a'))
      .when(ended('a', 'FAILED'))
      .follows('InstanceFailed', 'RunFailed')
  })

  it('says no to one that has ended otherwise, that does not exist, or whose run is over', () => {
    const spec = RunSpec.given(dag({ a: [], b: ['a'] }), ...attempt('a', 'SUCCEEDED'))
    spec.when(step.cancel('a')).saysNo('NOT_ALLOWED_IN_STATE', 'already finished (SUCCEEDED)')
    spec.when(step.cancel('x')).saysNo('NOT_FOUND', 'The run has no task x')
    spec.and(...attempt('b', 'SUCCEEDED'))
    spec.when(step.cancel('a')).saysNo('NOT_ALLOWED_IN_STATE', 'The run is already finished (SUCCEEDED)')
  })

  it('says no while another end is being forced', () => {
    const spec = RunSpec.given(chain, step.dispatch('a'), step.started('a'), step.force('a', 'SUCCEEDED'))
    spec.when(step.cancel('a')).saysNo('NOT_ALLOWED_IN_STATE', 'Instance a is being forced to SUCCEEDED already')
  })
})
