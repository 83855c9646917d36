import type { Prepared } from './prepared.js'

/** Ends a DAG: it takes no new runs, those that run go on, and its name is free again. */
export function deleteDag(dagId: string): Prepared {
  return { streamId: dagId, command: { aggregate: 'dag', command: { type: 'DeleteDag' } } }
}
