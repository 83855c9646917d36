import { TRIGGER_RULES } from '../../../src/domain/dag/definition.js'
import { judge } from '../../../src/domain/run/trigger-rules.js'
import { type Counts, expectedRuling } from './rule-oracle.js'
import { attempt, dag, ended, RunSpec, request, step } from './run-spec.js'

const UPSTREAMS = 6
const numbers = Array.from({ length: UPSTREAMS + 1 }, (_, index) => index)

/** Every way in which one to six upstreams can stand. */
const everyWay: Counts[] = numbers.flatMap((succeeded) =>
  numbers.flatMap((failed) =>
    numbers.flatMap((skipped) =>
      numbers.map((pending) => ({ succeeded, failed, skipped, pending })).filter((counts) => total(counts) > 0),
    ),
  ),
)

function total({ succeeded, failed, skipped, pending }: Counts): number {
  return succeeded + failed + skipped + pending
}

describe.each(TRIGGER_RULES)('%s', (rule) => {
  const rows = everyWay.filter((counts) => total(counts) <= UPSTREAMS)

  it('rules as the vocabulary says, however up to six upstreams stand', () => {
    expect(rows).toHaveLength(209)
    const given = rows.map((counts) => ({ ...counts, ruling: judge(rule, { total: total(counts), ...counts }) }))
    expect(given).toEqual(rows.map((counts) => ({ ...counts, ruling: expectedRuling(rule, counts) })))
  })

  it('sticks to ready or not, once it has ruled, whatever ends after that', () => {
    const isReady = (counts: Counts) => judge(rule, { total: total(counts), ...counts }) === 'READY'
    for (const counts of rows.filter(({ pending }) => pending > 0)) {
      if (judge(rule, { total: total(counts), ...counts }) === 'WAIT') continue
      for (const end of ['succeeded', 'failed', 'skipped'] as const) {
        const later = { ...counts, [end]: counts[end] + 1, pending: counts.pending - 1 }
        expect(judge(rule, { total: total(later), ...later })).not.toBe('WAIT')
        expect(isReady(later)).toBe(isReady(counts))
      }
    }
  })

  it('lets a task without upstreams start at once', () => {
    RunSpec.nothing()
      .when(request(dag({ a: { when: rule } })))
      .follows('RunRequested', 'RunStarted', ['InstanceQueued', 'a'])
  })
})

describe('a rule in a run', () => {
  const joined = (when: (typeof TRIGGER_RULES)[number]) => dag({ a: [], b: [], join: { needs: ['a', 'b'], when } })

  it('queues the task with the end that makes it hold, in the same decision', () => {
    RunSpec.given(joined('ALL_SUCCESS'), ...attempt('a', 'SUCCEEDED'), step.dispatch('b'), step.started('b'))
      .when(ended('b', 'SUCCEEDED'))
      .follows(['InstanceSucceeded', 'b'], ['InstanceQueued', 'join'])
  })

  it('fires early without waiting for the rest, and only once', () => {
    RunSpec.given(joined('ONE_SUCCESS'), step.dispatch('a'), step.started('a'), step.dispatch('b'), step.started('b'))
      .when(ended('a', 'SUCCEEDED'))
      .follows(['InstanceSucceeded', 'a'], ['InstanceQueued', 'join'])
      .when(ended('b', 'SUCCEEDED'))
      .follows(['InstanceSucceeded', 'b'])
  })

  it('ends the task as soon as it can no longer hold, and so on down the graph', () => {
    const plan = dag({ a: [], b: [], join: ['a', 'b'], after: ['join'], late: { needs: ['after'], when: 'ALL_DONE' } })
    RunSpec.given(plan, step.dispatch('a'), step.started('a'))
      .when(ended('a', 'FAILED', { exitCode: 1 }))
      .follows(
        ['InstanceFailed', 'a'],
        ['InstanceUpstreamFailed', 'join'],
        ['InstanceUpstreamFailed', 'after'],
        ['InstanceQueued', 'late'],
      )
  })

  it('lets a skip travel on as a skip', () => {
    const plan = dag({ a: [], handler: { needs: ['a'], when: 'ONE_FAILED' }, after: ['handler'] })
    RunSpec.given(plan, step.dispatch('a'), step.started('a'))
      .when(ended('a', 'SUCCEEDED'))
      .follows(['InstanceSucceeded', 'a'], ['InstanceSkipped', 'handler'], ['InstanceSkipped', 'after'], 'RunSucceeded')
  })

  it('ALWAYS waits for nothing', () => {
    RunSpec.nothing()
      .when(request(joined('ALWAYS')))
      .follows(
        'RunRequested',
        'RunStarted',
        ['InstanceQueued', 'a'],
        ['InstanceQueued', 'b'],
        ['InstanceQueued', 'join'],
      )
  })
})

describe('skipFailed', () => {
  const settings = { skipFailed: true }

  it('lets a failed task count as succeeded for those after it', () => {
    const plan = dag({ a: [], b: ['a'], c: { needs: ['a'], when: 'ONE_FAILED' } }, settings)
    RunSpec.given(plan, step.dispatch('a'), step.started('a'))
      .when(ended('a', 'TIMED_OUT'))
      .follows(['InstanceTimedOut', 'a'], ['InstanceSkipped', 'c'], ['InstanceQueued', 'b'])
      .and(...attempt('b', 'SUCCEEDED').slice(0, 2))
      .when(ended('b', 'SUCCEEDED'))
      .follows(['InstanceSucceeded', 'b'], 'RunSucceeded')
  })

  it('fails the run by a failed task with nothing after it', () => {
    RunSpec.given(
      dag({ a: [], b: ['a'] }, settings),
      ...attempt('a', 'SUCCEEDED'),
      step.dispatch('b'),
      step.started('b'),
    )
      .when(ended('b', 'FAILED'))
      .follows(['InstanceFailed', 'b'], ['RunFailed', { errorMessage: 'Task b ended FAILED' }])
  })
})
