import type { InstanceId } from '../../../src/domain/ids.js'
import type { ReusedInstance } from '../../../src/domain/run/commands.js'
import type { RerunScope } from '../../../src/domain/run/events.js'
import { planRerun } from '../../../src/domain/run/rerun.js'
import { INSTANCE_ENDS, type InstanceEnd } from '../../../src/domain/run/status.js'
import { dag } from './run-spec.js'

function parent(ends: { readonly [task: string]: InstanceEnd }): ReusedInstance[] {
  return Object.entries(ends).map(([task, status]) => {
    return { task, from: `instance_${task}` as InstanceId, status, exitCode: 1, output: { of: task } }
  })
}

const plan = dag({ a: [], b: ['a'], c: ['b'], d: [], e: ['d', 'b'] })
const mixed = parent({ a: 'SUCCEEDED', b: 'FAILED', c: 'UPSTREAM_FAILED', d: 'SKIPPED', e: 'CANCELED' })

function reusedTasks(scope: RerunScope, taskKeys: string[] | null = null, ends = mixed, next = plan): string[] {
  const rerun = planRerun(ends, next, scope, taskKeys)
  if ('rejections' in rerun) throw new Error(rerun.rejections[0]?.message)
  return rerun.reused.map(({ task }) => task)
}

function refusal(scope: RerunScope, taskKeys: string[] | null, ends = mixed): unknown {
  const rerun = planRerun(ends, plan, scope, taskKeys)
  return 'rejections' in rerun ? rerun.rejections[0] : rerun
}

describe('planRerun', () => {
  it('ALL takes nothing over', () => {
    expect(reusedTasks('ALL')).toEqual([])
    expect(reusedTasks('ALL', [])).toEqual([])
  })

  it('FAILED takes over what did not fail', () => {
    expect(reusedTasks('FAILED')).toEqual(['a', 'd'])
  })

  it.each(INSTANCE_ENDS)('FAILED counts %s as the rules do', (end) => {
    const failed = !['SUCCEEDED', 'SKIPPED'].includes(end)
    const ends = parent({ a: end, b: 'FAILED', c: 'SUCCEEDED', d: 'SUCCEEDED', e: 'SUCCEEDED' })
    expect(reusedTasks('FAILED', null, ends)).toEqual(failed ? ['c', 'd', 'e'] : ['a', 'c', 'd', 'e'])
  })

  it('TASKS runs these alone, whatever their end', () => {
    expect(reusedTasks('TASKS', ['a'])).toEqual(['b', 'c', 'd', 'e'])
    expect(reusedTasks('TASKS', ['e', 'b', 'e'])).toEqual(['a', 'c', 'd'])
  })

  it('TASKS_AND_DOWNSTREAM runs all that comes after them, too', () => {
    expect(reusedTasks('TASKS_AND_DOWNSTREAM', ['b'])).toEqual(['a', 'd'])
    expect(reusedTasks('TASKS_AND_DOWNSTREAM', ['d', 'c'])).toEqual(['a', 'b'])
  })

  it('finds what comes after by the new plan’s graph', () => {
    const next = dag({ a: ['d'], b: [], c: [], d: [], e: [] })
    expect(reusedTasks('TASKS_AND_DOWNSTREAM', ['d'], mixed, next)).toEqual(['b', 'c', 'e'])
  })

  it('keeps the old end and output', () => {
    expect(planRerun(mixed, plan, 'FAILED', null)).toEqual({ reused: [mixed[0], mixed[3]] })
  })

  it('runs a task that the old run did not have, and leaves out one that the new plan lacks', () => {
    const next = dag({ z: [], a: ['z'], b: ['a'] })
    expect(reusedTasks('FAILED', null, mixed, next)).toEqual(['a'])
    expect(reusedTasks('TASKS', ['b'], mixed, next)).toEqual(['a'])
    expect(reusedTasks('FAILED', null, parent({ a: 'SUCCEEDED', b: 'SUCCEEDED' }), next)).toEqual(['a', 'b'])
  })

  it.each(['TASKS', 'TASKS_AND_DOWNSTREAM'] as const)('%s needs keys', (scope) => {
    const expected = { code: 'REQUIRED', message: `Scope ${scope} needs taskKeys, given none`, path: ['taskKeys'] }
    expect(refusal(scope, null)).toEqual(expected)
    expect(refusal(scope, [])).toEqual(expected)
  })

  it.each(['ALL', 'FAILED'] as const)('%s refuses keys', (scope) => {
    expect(refusal(scope, ['a', 'b'])).toEqual({
      code: 'INVALID',
      message: `Scope ${scope} takes no taskKeys, given a, b`,
      path: ['taskKeys'],
    })
  })

  it('names the keys that the version does not have', () => {
    expect(refusal('TASKS', ['a', 'x', 'constructor'])).toEqual({
      code: 'UNKNOWN_REFERENCE',
      message: 'taskKeys must name tasks of the DAG version, given x, constructor',
      path: ['taskKeys'],
    })
  })

  it('refuses to run nothing', () => {
    const ends = parent({ a: 'SUCCEEDED', b: 'SUCCEEDED', c: 'SKIPPED', d: 'SUCCEEDED', e: 'SUCCEEDED' })
    expect(refusal('FAILED', null, ends)).toMatchObject({ code: 'NOT_ALLOWED_IN_STATE', path: ['scope'] })
  })
})
