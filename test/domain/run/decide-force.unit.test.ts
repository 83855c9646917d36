import type { ForcedEnd } from '../../../src/domain/run/events.js'
import { attempt, dag, ended, RunSpec, type Step, step } from './run-spec.js'

const plan = dag({ first: [], a: { needs: ['first'], retry: { maxAttempts: 3, delay: 1 } }, after: ['a'] })
const ENDS = [
  ['SUCCEEDED', 'InstanceSucceeded', 'InstanceQueued'],
  ['FAILED', 'InstanceFailed', 'InstanceUpstreamFailed'],
  ['SKIPPED', 'InstanceSkipped', 'InstanceSkipped'],
  ['CANCELED', 'InstanceCanceled', 'InstanceUpstreamFailed'],
] as const satisfies readonly (readonly [ForcedEnd, string, string])[]

const first = attempt('first', 'SUCCEEDED')
const WAITING: [string, Step[]][] = [
  ['PENDING', []],
  ['QUEUED', first],
  ['RETRY_WAIT', [...first, ...attempt('a', 'FAILED')]],
  ['UNKNOWN', [...first, step.dispatch('a'), step.started('a'), step.lost('a')]],
]
const LIVE: [string, Step[]][] = [
  ['DISPATCHED', [...first, step.dispatch('a')]],
  ['RUNNING', [...first, step.dispatch('a'), step.started('a')]],
  ['CANCELING', [...first, step.dispatch('a'), step.started('a'), step.cancel('a')]],
]

describe.each(ENDS)('forceInstance to %s', (end, type, downstream) => {
  it.each(WAITING)('decides the end of one that is %s at once', (status, steps) => {
    const spec = RunSpec.given(plan, ...steps)
    expect(spec.status('a')).toBe(status)
    spec
      .when(step.force('a', end))
      .follows(
        [type, { task: 'a', forcedBecause: 'I know better', exitCode: null, output: null }],
        [downstream, 'after'],
        ...(status === 'PENDING' || downstream === 'InstanceQueued' ? [] : [RUN_END[end]]),
      )
  })

  it.each(LIVE)('stops one that is %s first, and takes the end when that is verified', (status, steps) => {
    const spec = RunSpec.given(plan, ...steps)
    expect(spec.status('a')).toBe(status)
    spec.when(step.force('a', end)).follows(['InstanceForceRequested', { task: 'a', status: end }])
    expect(spec.status('a')).toBe('CANCELING')
    spec
      .when(ended('a', 'STOPPED', { exitCode: 143 }))
      .follows(
        ...(status === 'DISPATCHED' ? ['InstanceStarted'] : []),
        [type, { task: 'a', forcedBecause: 'I know better', exitCode: 143, output: null }],
        [downstream, 'after'],
        ...(downstream === 'InstanceQueued' ? [] : [RUN_END[end]]),
      )
  })
})

const RUN_END = { SUCCEEDED: '', FAILED: 'RunFailed', SKIPPED: 'RunSucceeded', CANCELED: 'RunFailed' } as const

describe('forceInstance', () => {
  const forced = () =>
    RunSpec.given(plan, ...first, step.dispatch('a'), step.started('a'), step.force('a', 'SUCCEEDED'))

  it.each(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'NOT_STARTED', 'LOST', 'ERRORED'] as const)(
    'holds against the attempt’s own end, and gives it no retry (%s)',
    (outcome) => {
      forced()
        .when(ended('a', outcome))
        .follows(['InstanceSucceeded', { task: 'a' }], ['InstanceQueued', 'after'])
    },
  )

  it('is quiet about the same end again, and refuses another', () => {
    forced().when(step.force('a', 'SUCCEEDED')).staysQuiet()
    forced().when(step.force('a', 'FAILED')).saysNo('NOT_ALLOWED_IN_STATE', 'is being forced to SUCCEEDED already')
  })

  it('needs to be said again when contact is lost meanwhile: then it vouches that the process is gone', () => {
    forced()
      .when(step.lost('a'))
      .follows(['InstanceContactLost', 'a'])
      .when(step.force('a', 'FAILED'))
      .follows(['InstanceFailed', 'a'], ['InstanceUpstreamFailed', 'after'], 'RunFailed')
  })

  it('never changes an end', () => {
    RunSpec.given(plan, ...first)
      .when(step.force('first', 'FAILED'))
      .saysNo('NOT_ALLOWED_IN_STATE', 'Instance first is already finished (SUCCEEDED); run it again with rerun')
  })

  it('frees the slot of the instance', () => {
    const narrow = dag({ a: [], b: [] }, { maxParallel: 1 })
    RunSpec.given(narrow).when(step.force('a', 'SKIPPED')).follows(['InstanceSkipped', 'a'], ['InstanceQueued', 'b'])
  })
})
