import { type WaitReason, waitReasonsOf } from '../../domain/queue/wait-reasons.js'
import type { InstanceRow } from '../../projections/run/instance-row.js'
import { readRooms } from '../../projections/waiting/read-rooms.js'
import { readWaiters } from '../../projections/waiting/read-waiters.js'
import type { Context } from '../context.js'
import { loadBy } from '../load-by.js'

const WAITING = new Set(['PENDING', 'QUEUED', 'RETRY_WAIT'])

/** Why the instance does not start; all that an operation asks for come by a few statements together. */
export async function loadWaitReasons({ id, status }: InstanceRow, context: Context): Promise<readonly WaitReason[]> {
  if (!WAITING.has(status)) return []
  return (await loadBy(context, 'instance.waitReasons', id, (ids) => waitReasons(context, ids))) ?? []
}

async function waitReasons({ services }: Context, ids: readonly string[]): Promise<Map<string, WaitReason[]>> {
  const { pool } = services.database
  const waiters = await readWaiters(pool, ids)
  const queued = [...waiters.values()].filter(({ status }) => status === 'QUEUED')
  const rooms = await readRooms(
    pool,
    queued.map(({ wish }) => wish),
  )
  return new Map([...waiters].map(([id, waiter]) => [id, waitReasonsOf(waiter, rooms)]))
}
