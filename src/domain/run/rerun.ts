import { assertNever } from '../assert-never.js'
import { downstreamOf } from '../dag/execution-order.js'
import type { Plan } from '../dag/plan.js'
import { type Refused, refuse } from '../rejection.js'
import type { ReusedInstance } from './commands.js'
import type { RerunScope } from './events.js'
import { classOf } from './status.js'

export interface RerunPlan {
  /** In the plan's order; every other task of the plan is run. */
  readonly reused: readonly ReusedInstance[]
}

/**
 * Which tasks of `plan` a rerun takes over from its parent run. `parent`: the end of every instance of the parent, which
 * has ended. A task that the parent did not have is always run; one that the plan no longer has is left out. Refuses
 * keys that the plan does not have, keys where the scope takes none, and a rerun that would run nothing.
 */
export function planRerun(
  parent: readonly ReusedInstance[],
  plan: Plan,
  scope: RerunScope,
  taskKeys: readonly string[] | null,
): RerunPlan | Refused {
  const refusal = checkKeys(plan, scope, taskKeys ?? [])
  if (refusal !== null) return refusal
  const ends = new Map(parent.map((instance) => [instance.task, instance]))
  const isChosen = choose(plan, scope, new Set(taskKeys), ends)
  const reused = plan.tasks.flatMap(({ key }) => {
    const instance = ends.get(key)
    return instance === undefined || isChosen(key) ? [] : [instance]
  })
  if (reused.length < plan.tasks.length) return { reused }
  return refuse('NOT_ALLOWED_IN_STATE', `A rerun needs something to run, but no task failed (scope ${scope})`, [
    'scope',
  ])
}

function checkKeys(plan: Plan, scope: RerunScope, taskKeys: readonly string[]): Refused | null {
  const takesKeys = scope === 'TASKS' || scope === 'TASKS_AND_DOWNSTREAM'
  if (takesKeys && taskKeys.length === 0) {
    return refuse('REQUIRED', `Scope ${scope} needs taskKeys, given none`, ['taskKeys'])
  }
  if (!takesKeys && taskKeys.length > 0) {
    return refuse('INVALID', `Scope ${scope} takes no taskKeys, given ${taskKeys.join(', ')}`, ['taskKeys'])
  }
  const known = new Set(plan.tasks.map((task) => task.key))
  const unknown = taskKeys.filter((key) => !known.has(key))
  if (unknown.length === 0) return null
  return refuse('UNKNOWN_REFERENCE', `taskKeys must name tasks of the DAG version, given ${unknown.join(', ')}`, [
    'taskKeys',
  ])
}

function choose(
  plan: Plan,
  scope: RerunScope,
  taskKeys: ReadonlySet<string>,
  ends: ReadonlyMap<string, ReusedInstance>,
): (key: string) => boolean {
  switch (scope) {
    case 'ALL':
      return () => true
    case 'FAILED':
      return (key) => {
        const end = ends.get(key)
        if (end === undefined) return false
        // What a failure has kept from being run is as good as failed.
        return classOf(end.status) === 'failed' || (plan.stopOnFailure === true && end.status === 'SKIPPED')
      }
    case 'TASKS':
      return (key) => taskKeys.has(key)
    case 'TASKS_AND_DOWNSTREAM': {
      const chosen = withDownstream(plan, taskKeys)
      return (key) => chosen.has(key)
    }
    default:
      return assertNever(scope)
  }
}

function withDownstream(plan: Plan, taskKeys: ReadonlySet<string>): ReadonlySet<string> {
  const downstream = downstreamOf(plan.tasks.map((task) => task.needs))
  const chosen = new Set(plan.tasks.filter((task) => taskKeys.has(task.key)))
  // A set is iterated in the order of insertion, additions made meanwhile included.
  for (const task of chosen) {
    for (const ordinal of downstream[task.ordinal] as number[]) chosen.add(plan.tasks[ordinal] as Plan['tasks'][number])
  }
  return new Set([...chosen].map((task) => task.key))
}
