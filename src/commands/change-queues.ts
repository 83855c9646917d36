import type { CreateQueue, QueueSettings } from '../domain/queue/queue.js'
import type { Rejection } from '../domain/rejection.js'
import { newId } from '../platform/ids.js'
import type { Statement } from '../platform/statement.js'
import type { Reader } from '../projections/list.js'
import { KEEP_POOLS } from './change-pools.js'
import type { Addressed } from './command.js'
import { rejection } from './prepared.js'

interface QueueChange {
  readonly streamId: string
  readonly command: Addressed
  readonly beside?: Statement
}

/** Makes a queue. A name in use fails on the constraint `queue_name`. */
export function createQueue(queue: Omit<CreateQueue, 'type'>): QueueChange {
  const command = { type: 'CreateQueue', ...queue } as const
  return { streamId: newId('queue'), command: { aggregate: 'queue', command }, beside: KEEP_POOLS }
}

/** Settings that are left out stay. */
export function updateQueue(streamId: string, settings: Partial<QueueSettings>): QueueChange {
  const command = { type: 'UpdateQueue', settings } as const
  const beside = settings.poolId === undefined ? {} : { beside: KEEP_POOLS }
  return { streamId, command: { aggregate: 'queue', command }, ...beside }
}

/** Takes the queue away; refused while `useProblems` says that it is used. */
export function deleteQueue(streamId: string, name: string): QueueChange {
  const beside = { text: 'SELECT keep_used_queue($1::text)', values: [name] }
  return { streamId, command: { aggregate: 'queue', command: { type: 'DeleteQueue' } }, beside }
}

/** What is queued later counts, too: a run that there is may not find its queue gone. */
const USE = `
  SELECT (SELECT count(*) FROM queue_entry WHERE queue = $1::text) AS waiting,
    (SELECT count(*) FROM queue_hold WHERE queue = $1::text) AS running,
    (SELECT count(*) FROM run r JOIN instance i ON i.run_id = r.id JOIN task t ON t.id = i.task_id
      WHERE r.ended_at IS NULL AND i.status IN ('PENDING', 'RETRY_WAIT') AND t.queue = $1::text) AS coming`

/** Why the queue cannot be deleted: what waits in it, holds capacity of it or is yet to enter it; none: it can. */
export async function useProblems(db: Reader, name: string): Promise<Rejection[]> {
  const { rows } = await db.query<{ waiting: number; running: number; coming: number }>(USE, [name])
  const { waiting, running, coming } = rows[0] as { waiting: number; running: number; coming: number }
  if (waiting + running + coming === 0) return []
  const given = `${waiting} that wait, ${running} that run and ${coming} that runs are yet to put in it`
  const rule = `must have no instances left to be deleted, given ${given}: set it DRAINING and wait`
  return [rejection('CONFLICT', `Queue ${name} ${rule}`, 'queueId')]
}
