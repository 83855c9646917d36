import type { PlannedTask } from '../domain/dag/plan.js'
import type { Rejection } from '../domain/rejection.js'
import { findQueueTerms, type QueueTerms } from '../projections/capacity/find-names.js'
import type { Reader } from '../projections/list.js'
import { rejection } from './prepared.js'

/**
 * Why no run of the project may begin with these tasks: queues of theirs that are gone, that drain, or that are kept for
 * others; none: it may. `path` is the part of the input that leads there.
 */
export async function closedQueueProblems(
  db: Reader,
  projectId: string,
  tasks: readonly Pick<PlannedTask, 'queue'>[],
  path: string,
): Promise<Rejection[]> {
  return closedBy(await findQueueTerms(db, queuesOf(tasks)), projectId, tasks, path)
}

/** The queues that tasks name, each once. */
export function queuesOf(tasks: readonly Pick<PlannedTask, 'queue'>[]): string[] {
  return [...new Set(tasks.map(({ queue }) => queue))]
}

/** The same by the terms of their queues, for whoever asks for many runs at once. */
export function closedBy(
  terms: ReadonlyMap<string, QueueTerms>,
  projectId: string,
  tasks: readonly Pick<PlannedTask, 'queue'>[],
  path: string,
): Rejection[] {
  return queuesOf(tasks).flatMap((name) => {
    const queue = terms.get(name)
    if (queue === undefined) return [refused(`Queue ${name} does not exist any more`, path)]
    const { status, projectIds } = queue
    if (projectIds.length > 0 && !projectIds.includes(projectId)) {
      return [refused(`Queue ${name} does not take the work of this project, it is kept for others`, path)]
    }
    return status === 'DRAINING' ? [refused(`Queue ${name} is draining: it takes no new run`, path)] : []
  })
}

function refused(message: string, path: string): Rejection {
  return rejection('NOT_ALLOWED_IN_STATE', message, path)
}
