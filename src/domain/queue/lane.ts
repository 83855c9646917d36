import { needsMachine } from '../dag/action.js'
import type { PlannedTask } from '../dag/plan.js'

/**
 * Where a waiting instance may go: the machine of that name, `+a+b` for one with these labels, or one of these. With queue
 * and project it names a lane.
 */
export type Placement = typeof ANY_MACHINE | typeof NO_MACHINE_NEEDED | string
/** Any machine of the queue's pool. */
export const ANY_MACHINE = ''
export const NO_MACHINE_NEEDED = '-'

export function placementOf({
  engine,
  machine,
  labels,
}: Pick<PlannedTask, 'engine' | 'machine' | 'labels'>): Placement {
  if (!needsMachine(engine)) return NO_MACHINE_NEEDED
  return machine ?? (labels === undefined ? ANY_MACHINE : `+${[...new Set(labels)].sort().join('+')}`)
}

/** A machine as far as it matters for who may go there. */
export interface MachineTerms {
  readonly name: string
  readonly poolId: string
  readonly labels: readonly string[]
  /** Whose work it takes; empty: every project's. */
  readonly projectIds: readonly string[]
}

/** Whether what waits in a queue of that pool may go to the machine; not for what needs none. */
export function fits(placement: Placement, projectId: string, poolId: string, machine: MachineTerms): boolean {
  const { name, labels, projectIds } = machine
  if (projectIds.length > 0 && !projectIds.includes(projectId)) return false
  if (placement === name) return true
  if (machine.poolId !== poolId) return false
  if (placement === ANY_MACHINE) return true
  return (
    placement.startsWith('+') &&
    placement
      .slice(1)
      .split('+')
      .every((label) => labels.includes(label))
  )
}

/**
 * Milliseconds since the epoch, least first. It ages: a minute of waiting is worth one step of priority, so nothing starves.
 * What a run queues at once stands in the file's order, `place` (see `placeInFile`) microseconds apart.
 */
export function rankOf(queuedAtMs: number, priority: number, place: number): number {
  return queuedAtMs - priority * 60_000 + place / 1_000
}
