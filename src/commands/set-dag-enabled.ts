import type { Prepared } from './prepared.js'

/** Whether the DAG's schedule fires; by hand it can be started either way. */
export function setDagEnabled(dagId: string, isEnabled: boolean): Prepared {
  return { streamId: dagId, command: { aggregate: 'dag', command: { type: 'SetDagEnabled', isEnabled } } }
}
