import { ordinalOf } from '../../domain/dag/elements.js'
import type { Plan } from '../../domain/dag/plan.js'
import { deriveId } from '../../platform/ids.js'

/** What projecting a run's events takes besides them, while the run is not over. */
export interface RunFacts {
  readonly plan: Plan
  /** Whose tasks they are: the DAG version's, or the run's own. */
  readonly planId: string
  /** By task key. */
  readonly ordinals: ReadonlyMap<string, number>
  /** The run's own before the batch; a task's comes on top. */
  readonly priority: number
  readonly instanceId: (task: string) => string
}

/** The facts of a run that some event of the batch is about. */
export type RunSource = (runId: string) => RunFacts

export function ordinalsOf(plan: Plan): ReadonlyMap<string, number> {
  return new Map(plan.tasks.map((task) => [task.key, task.ordinal]))
}

/** The ids of a run's instances by their tasks, derived when they are first asked for. */
export function instanceIds(runId: string, ordinals: ReadonlyMap<string, number>): (task: string) => string {
  const ids = new Array<string | undefined>(ordinals.size)
  return (task) => {
    const ordinal = ordinalOf(ordinals, task)
    if (ordinal === undefined) throw new Error(`${runId} has no task ${task}`)
    // Elements are named a few times in their lives, each by its own event.
    if (ordinal >= ids.length) return deriveId('instance', runId, ordinal)
    const id = ids[ordinal] ?? deriveId('instance', runId, ordinal)
    ids[ordinal] = id
    return id
  }
}

const taskIdsByPlan = new WeakMap<Plan, { readonly planId: string; readonly ids: readonly string[] }>()

/** The ids of a plan's tasks by ordinal; derived once for as long as the plan is in memory. */
export function taskIds(planId: string, plan: Plan): readonly string[] {
  const known = taskIdsByPlan.get(plan)
  if (known?.planId === planId) return known.ids
  const ids = plan.tasks.map(({ ordinal }) => deriveId('task', planId, ordinal))
  taskIdsByPlan.set(plan, { planId, ids })
  return ids
}
