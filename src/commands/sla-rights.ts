import type { Action } from '../access/policy.js'
import type { SlaAction } from '../definitions/sla-actions.js'

/** What somebody must be allowed, and in which project where it is a right of a project. */
export interface NeededRight {
  readonly action: Action
  readonly projectId: string | null
}

/**
 * What the author of an SLA must be allowed to do by hand for the SLA to do it: asked when the SLA is set, and again when the
 * action is to be done. `projectId`: of the run that it is done to, or of the DAG that is triggered. Null: no right but
 * that to the SLA.
 */
export function rightFor(action: SlaAction, projectId: string | null): NeededRight | null {
  switch (action.type) {
    case 'cancelRun':
    case 'raisePriority':
      return { action: 'steerRun', projectId }
    case 'retry':
    case 'triggerDag':
      return { action: 'triggerRun', projectId }
    case 'pauseQueue':
      return { action: 'manageQueues', projectId: null }
    case 'webhook':
      // Signed with a secret of that project.
      return action.projectId === undefined ? null : { action: 'manageSlas', projectId: action.projectId }
    case 'email':
      return null
  }
}
