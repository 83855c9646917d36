import type { NodeId } from '../../../src/domain/ids.js'
import { attempt, dag, ended, NODE, RunSpec, step } from './run-spec.js'

const plan = dag({ a: { retry: { maxAttempts: 2 } }, b: ['a'] })
const OTHER = 'node_2' as NodeId

describe('an attempt', () => {
  it('is dispatched, starts and ends; its fence is the version of its dispatch', () => {
    const spec = RunSpec.given(plan)
      .when(step.dispatch('a'))
      .follows(['InstanceDispatched', { task: 'a', attempt: 1, node: NODE, machineId: null }])
    expect(spec.fence('a')).toBe(4)
    spec
      .when(step.started('a'))
      .follows(['InstanceStarted', { task: 'a', pid: 7 }])
      .when(ended('a', 'SUCCEEDED', { exitCode: 0, output: { rows: 3 } }))
      .follows(
        ['InstanceSucceeded', { task: 'a', exitCode: 0, output: { rows: 3 }, forcedBecause: null }],
        ['InstanceQueued', 'b'],
      )
  })

  it('is dispatched once, and only when it is queued', () => {
    const spec = RunSpec.given(plan)
    spec.when(step.dispatch('b')).staysQuiet()
    spec.and(step.dispatch('a')).when(step.dispatch('a', OTHER)).staysQuiet()
    spec.when(step.dispatch('x')).staysQuiet()
  })

  it('is known to have started when its end is the first that is heard of it', () => {
    RunSpec.given(plan, step.dispatch('a'))
      .when(ended('a', 'SUCCEEDED'))
      .follows(['InstanceStarted', { pid: null }], 'InstanceSucceeded', 'InstanceQueued')
  })

  it('has one start, one end and no late change, however often each is told', () => {
    const spec = RunSpec.given(plan, step.dispatch('a'), step.started('a'))
    const fence = spec.fence('a')
    spec.when(step.started('a')).staysQuiet()
    spec.and(ended('a', 'SUCCEEDED'))
    for (const outcome of ['SUCCEEDED', 'FAILED', 'LOST', 'STOPPED'] as const) {
      spec.when(ended('a', outcome, { fence })).staysQuiet()
    }
  })

  it('is not touched by reports of an earlier one', () => {
    const spec = RunSpec.given(plan, step.dispatch('a'))
    const fence = spec.fence('a')
    spec.and(ended('a', 'FAILED'), step.dispatch('a'))
    expect(spec.fence('a')).toBeGreaterThan(fence)
    spec.when({ type: 'ReportStarted', task: 'a', fence, pid: 1 }).staysQuiet()
    spec.when(ended('a', 'SUCCEEDED', { fence })).staysQuiet()
    spec.when({ type: 'ReportContactLost', task: 'a', fence, reason: 'old' }).staysQuiet()
    spec.when({ type: 'ReattachInstance', task: 'a', fence, node: OTHER }).staysQuiet()
  })

  it('waits for nothing in a run that is over', () => {
    const spec = RunSpec.given(dag({ a: [] }), ...attempt('a', 'SUCCEEDED'))
    spec.when(ended('a', 'FAILED', { fence: 4 })).staysQuiet()
    spec.when(step.dispatch('a')).staysQuiet()
  })
})

describe('UNKNOWN', () => {
  const lost = () => RunSpec.given(plan, step.dispatch('a'), step.started('a'), step.lost('a'))

  it('is what lost contact makes of an instance: not an end, and not a failure', () => {
    const spec = RunSpec.given(plan, step.dispatch('a'))
      .when(step.lost('a'))
      .follows(['InstanceContactLost', { task: 'a', reason: 'cut off' }])
      .when(step.lost('a'))
      .staysQuiet()
    expect(spec.status('a')).toBe('UNKNOWN')
  })

  it('is left by re-attaching, from another dispatcher too', () => {
    const spec = lost()
    const fence = spec.fence('a')
    spec
      .when({ type: 'ReattachInstance', task: 'a', fence, node: OTHER })
      .follows(['InstanceReattached', { task: 'a', node: OTHER }])
    expect(spec.status('a')).toBe('RUNNING')
    expect(spec.fence('a')).toBe(fence)
  })

  it('is left by any sign of life', () => {
    lost()
      .when(step.started('a'))
      .follows(['InstanceReattached', { node: NODE }])
    RunSpec.given(plan, step.dispatch('a'), step.lost('a'))
      .when(step.started('a'))
      .follows('InstanceReattached', 'InstanceStarted')
  })

  it('is left by the attempt’s own end', () => {
    lost()
      .when(ended('a', 'SUCCEEDED'))
      .follows('InstanceReattached', ['InstanceSucceeded', 'a'], ['InstanceQueued', 'b'])
    RunSpec.given(plan, step.dispatch('a'), step.lost('a'))
      .when(ended('a', 'FAILED'))
      .follows('InstanceReattached', 'InstanceStarted', 'InstanceAttemptFailed', 'InstanceQueued')
  })

  it('is left by proof of loss, at the cost of the infrastructure’s budget', () => {
    lost()
      .when(ended('a', 'LOST'))
      .follows(['InstanceAttemptFailed', { status: 'ERRORED', budget: 'INFRASTRUCTURE' }])
  })

  it('is left by a cancel, once that is confirmed', () => {
    lost()
      .and(step.cancel('a'))
      .when(ended('a', 'STOPPED'))
      .follows('InstanceReattached', ['InstanceCanceled', 'a'], ['InstanceUpstreamFailed', 'b'], 'RunFailed')
  })

  it('keeps its slot', () => {
    RunSpec.given(dag({ a: [], b: [] }, { maxParallel: 1 }), step.dispatch('a'), step.lost('a'))
      .when(step.dispatch('b'))
      .staysQuiet()
  })
})

describe('re-attaching', () => {
  it('hands a live attempt to another dispatcher, and is quiet where nothing changes', () => {
    RunSpec.given(plan, step.dispatch('a'), step.started('a'))
      .when(step.reattach('a'))
      .staysQuiet()
      .when({ type: 'ReattachInstance', task: 'a', fence: 4, node: OTHER })
      .follows(['InstanceReattached', { node: OTHER }])
  })
})
