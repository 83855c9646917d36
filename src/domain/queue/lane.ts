import { needsMachine, type PlannedTask } from '../dag/plan.js'

/** Where a waiting instance may go: the machine of that name, or one of these. With queue and project it names a lane. */
export type Placement = typeof ANY_MACHINE | typeof NO_MACHINE_NEEDED | string
/** Any machine of the queue's pool. */
export const ANY_MACHINE = ''
export const NO_MACHINE_NEEDED = '-'

export function placementOf({ engine, machine }: Pick<PlannedTask, 'engine' | 'machine'>): Placement {
  return needsMachine(engine) ? (machine ?? ANY_MACHINE) : NO_MACHINE_NEEDED
}

/** Milliseconds since the epoch, least first. It ages: a minute of waiting is worth one step of priority, so nothing starves. */
export function rankOf(queuedAtMs: number, priority: number): number {
  return queuedAtMs - priority * 60_000
}
