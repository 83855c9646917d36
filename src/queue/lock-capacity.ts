import type { ClientBase } from 'pg'
import { type InstanceKey, ROOM, roomValues } from './room.js'

/** What is free, as of the locks that are held on the pools and queues named. */
export interface Capacity {
  readonly queues: ReadonlyMap<string, QueueCapacity>
  readonly pools: ReadonlyMap<string, PoolCapacity>
  /** Free slots by machine id. */
  readonly slots: ReadonlyMap<string, number>
}

export interface QueueCapacity {
  readonly poolId: string
  readonly priority: number
  readonly free: number
}

export interface PoolCapacity {
  readonly freeCpu: number
  readonly freeMemoryBytes: number
}

/** The machines' pools, too: a task may name a machine of another pool than its queue's, and slots are counted as well. */
const LOCK_POOLS = `
  SELECT id FROM pool
  WHERE id IN (SELECT pool_id FROM queue WHERE name = ANY($1::text[]))
    OR id IN (SELECT pool_id FROM machine WHERE id = ANY($2::text[]))
  ORDER BY id FOR UPDATE`

const LOCK_QUEUES = 'SELECT id FROM queue WHERE name = ANY($1::text[]) ORDER BY id FOR UPDATE'

const FREE = `
  WITH ${ROOM}
  SELECT 'QUEUE' AS kind, name AS key, pool_id, priority, free::float8 AS free, NULL::float8 AS free_memory
  FROM queue_room WHERE name = ANY($3::text[])
  UNION ALL
  SELECT 'POOL', id, NULL, NULL, free_cpu, free_memory
  FROM pool_room WHERE id IN (SELECT pool_id FROM queue WHERE name = ANY($3::text[]))
  UNION ALL
  SELECT 'MACHINE', id, NULL, NULL, free, NULL FROM machine_room WHERE id = ANY($4::text[])`

interface Row {
  readonly kind: 'QUEUE' | 'POOL' | 'MACHINE'
  readonly key: string
  readonly pool_id: string
  readonly priority: number
  readonly free: number
  readonly free_memory: number
}

/**
 * Locks the queues named, their pools and the machines' (pools first: the one lock order) and counts what is left of
 * them, less than nothing where a limit was lowered. `ending`: whose hold ends with this transaction.
 */
export async function lockCapacity(
  tx: ClientBase,
  queues: readonly string[],
  machineIds: readonly string[],
  ending: readonly InstanceKey[],
): Promise<Capacity> {
  // Counted in a statement of its own, after the locks: its snapshot holds every claim that was before this one.
  const [, , { rows }] = await Promise.all([
    tx.query({ name: 'lock-pools', text: LOCK_POOLS, values: [queues, machineIds] }),
    tx.query({ name: 'lock-queues', text: LOCK_QUEUES, values: [queues] }),
    tx.query<Row>({ name: 'free', text: FREE, values: [...roomValues(ending), queues, machineIds] }),
  ])
  const of = (kind: Row['kind']) => rows.filter((row) => row.kind === kind)
  return {
    queues: new Map(of('QUEUE').map(({ key, pool_id: poolId, priority, free }) => [key, { poolId, priority, free }])),
    pools: new Map(of('POOL').map((row) => [row.key, { freeCpu: row.free, freeMemoryBytes: row.free_memory }])),
    slots: new Map(of('MACHINE').map((row) => [row.key, row.free])),
  }
}
