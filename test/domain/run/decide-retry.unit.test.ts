import type { Backoff, RetryDefinition } from '../../../src/domain/dag/definition.js'
import type { AttemptOutcome } from '../../../src/domain/run/commands.js'
import { attempt, dag, ended, RunSpec, type Step, step } from './run-spec.js'

const one = (retry: RetryDefinition) => dag({ a: { retry } })

/** The waits after each of a task's failures until it has failed for good. */
function delays(retry: RetryDefinition, outcome: AttemptOutcome, random = 0): number[] {
  const spec = RunSpec.given(one(retry)).withRandom(random)
  const waits: number[] = []
  while (waits.length < 2_000) {
    spec.and(...attempt('a', outcome))
    if (!('instances' in spec.state)) return waits
    const instance = spec.state.instances[0] as { retryDelayMs?: number }
    waits.push(instance.retryDelayMs ?? 0)
    if (spec.status('a') === 'RETRY_WAIT') spec.and(step.retry('a'))
  }
  throw new Error('It is tried again for ever')
}

describe('the user’s retries', () => {
  it('are none by default', () => {
    RunSpec.given(dag({ a: [] }), step.dispatch('a'), step.started('a'))
      .when(ended('a', 'FAILED', { exitCode: 2 }))
      .follows(['InstanceFailed', { task: 'a', exitCode: 2, forcedBecause: null }], 'RunFailed')
  })

  it('follow at once where there is no delay', () => {
    RunSpec.given(one({ maxAttempts: 2 }), step.dispatch('a'), step.started('a'))
      .when(ended('a', 'FAILED', { exitCode: 1 }))
      .follows(
        ['InstanceAttemptFailed', { task: 'a', status: 'FAILED', budget: 'USER', retryDelayMs: 0, exitCode: 1 }],
        ['InstanceQueued', { task: 'a', attempt: 2, isHeld: false }],
      )
      .and(step.dispatch('a'), step.started('a'))
      .when(ended('a', 'FAILED'))
      .follows('InstanceFailed', 'RunFailed')
  })

  it('wait for their delay, which retryInstance ends early', () => {
    RunSpec.given(one({ maxAttempts: 2, delay: '10s' }), step.dispatch('a'), step.started('a'))
      .when(ended('a', 'TIMED_OUT'))
      .follows(['InstanceAttemptFailed', { status: 'TIMED_OUT', budget: 'USER', retryDelayMs: 10_000 }])
      .when(step.retry('a'))
      .follows(['InstanceQueued', { task: 'a', attempt: 2, isHeld: false }])
      .when(step.dispatch('a'))
      .follows(['InstanceDispatched', { task: 'a', attempt: 2 }])
  })

  it('are not cut short by a timer that was set after an earlier attempt', () => {
    RunSpec.given(
      one({ maxAttempts: 3, delay: '10s' }),
      ...attempt('a', 'FAILED'),
      step.retry('a'),
      ...attempt('a', 'FAILED'),
    )
      .when({ type: 'RetryInstance', task: 'a', attempt: 1 })
      .staysQuiet()
      .when({ type: 'RetryInstance', task: 'a', attempt: 2 })
      .follows(['InstanceQueued', { task: 'a', attempt: 3 }])
  })

  it.each<[Backoff, number[]]>([
    ['CONSTANT', [2_000, 2_000, 2_000, 2_000, 2_000]],
    ['LINEAR', [2_000, 4_000, 6_000, 8_000, 9_000]],
    ['EXPONENTIAL', [2_000, 4_000, 8_000, 9_000, 9_000]],
  ])('%s grows as its name says, up to maxDelay', (backoff, expected) => {
    expect(delays({ maxAttempts: 6, delay: '2s', maxDelay: '9s', backoff }, 'FAILED')).toEqual(expected)
  })

  it('have a cap of one hour unless they say otherwise', () => {
    expect(delays({ maxAttempts: 3, delay: '50m', backoff: 'LINEAR' }, 'FAILED')).toEqual([3_000_000, 3_600_000])
  })

  it('stay at once after more than a thousand doublings of no delay', () => {
    expect(new Set(delays({ maxAttempts: 1_100, backoff: 'EXPONENTIAL' }, 'FAILED'))).toEqual(new Set([0]))
  })

  it.each([
    [0, [1_000, 2_000, 2_500]],
    [0.5, [1_500, 3_000, 3_750]],
    [0.999999, [2_000, 4_000, 5_000]],
  ])('with jitter wait between half the capped delay and all of it (random %d)', (random, expected) => {
    const retry = { maxAttempts: 4, delay: '2s', maxDelay: '5s', backoff: 'EXPONENTIAL', jitter: true } as const
    expect(delays(retry, 'FAILED', random)).toEqual(expected)
  })

  it('are for FAILED and TIMED_OUT alike, from one budget', () => {
    RunSpec.given(one({ maxAttempts: 3 }), ...attempt('a', 'FAILED'), ...attempt('a', 'TIMED_OUT'))
      .and(step.dispatch('a'), step.started('a'))
      .when(ended('a', 'TIMED_OUT'))
      .follows('InstanceTimedOut', 'RunFailed')
  })

  it('are not for what cannot be executed', () => {
    RunSpec.given(one({ maxAttempts: 3 }), step.dispatch('a'))
      .when(ended('a', 'ERRORED'))
      .follows('InstanceErrored', 'RunFailed')
  })
})

describe('onExitCodes', () => {
  const plan = one({ maxAttempts: 3, onExitCodes: [75, 0x7f] })
  const failing = (exitCode?: number) =>
    RunSpec.given(plan, step.dispatch('a'), step.started('a')).when(
      ended('a', exitCode === undefined ? 'TIMED_OUT' : 'FAILED', exitCode === undefined ? {} : { exitCode }),
    )

  it('tries these again', () => {
    failing(75).follows('InstanceAttemptFailed', 'InstanceQueued')
  })

  it('tries no others again, nor what left no exit code', () => {
    failing(1).follows('InstanceFailed', 'RunFailed')
    failing().follows('InstanceTimedOut', 'RunFailed')
  })

  it('has no say where the infrastructure failed', () => {
    RunSpec.given(plan, step.dispatch('a'))
      .when(ended('a', 'LOST'))
      .follows(['InstanceAttemptFailed', { budget: 'INFRASTRUCTURE' }])
  })
})

describe('failures of the infrastructure', () => {
  it.each<AttemptOutcome>(['NOT_STARTED', 'LOST'])(
    'have five retries of their own, then it is ERRORED (%s)',
    (outcome) => {
      expect(delays({}, outcome, 0.999999)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000])
      const again = Array.from({ length: 5 }, (): Step[] => [
        step.dispatch('a'),
        ended('a', outcome),
        step.retry('a'),
      ]).flat()
      RunSpec.given(one({ maxAttempts: 9 }), ...again, step.dispatch('a'))
        .when(ended('a', outcome))
        .follows(['InstanceErrored', 'a'], 'RunFailed')
    },
  )

  it('never claim that an attempt started which did not', () => {
    RunSpec.given(one({}), step.dispatch('a'))
      .when(ended('a', 'NOT_STARTED'))
      .follows(['InstanceAttemptFailed', { status: 'ERRORED', budget: 'INFRASTRUCTURE', retryDelayMs: 500 }])
  })

  it('use up none of the user’s attempts, but are numbered with them', () => {
    RunSpec.given(one({ maxAttempts: 2 }), step.dispatch('a'), ended('a', 'LOST'), step.retry('a'))
      .and(step.dispatch('a'), step.started('a'))
      .when(ended('a', 'FAILED'))
      .follows(['InstanceAttemptFailed', { budget: 'USER' }], ['InstanceQueued', { attempt: 3 }])
      .and(step.dispatch('a'), ended('a', 'NOT_STARTED'))
      .when(step.retry('a'))
      .follows(['InstanceQueued', { attempt: 4 }])
      .and(step.dispatch('a'), step.started('a'))
      .when(ended('a', 'FAILED'))
      .follows('InstanceFailed', 'RunFailed')
  })

  it('do not lengthen the user’s backoff', () => {
    const plan = one({ maxAttempts: 3, delay: '1s', backoff: 'LINEAR' })
    RunSpec.given(plan, step.dispatch('a'), ended('a', 'LOST'), step.retry('a'), step.dispatch('a'), step.started('a'))
      .when(ended('a', 'FAILED'))
      .follows(['InstanceAttemptFailed', { retryDelayMs: 1_000 }])
  })
})

describe('retryInstance', () => {
  it.each<[string, Step[]]>([
    ['PENDING', []],
    ['QUEUED', [...attempt('a', 'SUCCEEDED')]],
    ['DISPATCHED', [...attempt('a', 'SUCCEEDED'), step.dispatch('b')]],
    ['UNKNOWN', [...attempt('a', 'SUCCEEDED'), step.dispatch('b'), step.lost('b')]],
  ])('says no to one that is %s', (status, steps) => {
    RunSpec.given(dag({ a: [], b: ['a'] }), ...steps)
      .when(step.retry('b'))
      .saysNo('NOT_ALLOWED_IN_STATE', `Instance b is ${status}`)
  })

  it('points to rerun where the instance has ended', () => {
    RunSpec.given(dag({ a: [], b: ['a'] }), ...attempt('a', 'SUCCEEDED'))
      .when(step.retry('a'))
      .saysNo('NOT_ALLOWED_IN_STATE', 'Instance a is already finished (SUCCEEDED); run it again with rerun')
  })
})
