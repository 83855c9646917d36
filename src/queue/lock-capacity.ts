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

const QUEUES = `WITH ${ROOM} SELECT name, pool_id, priority, free FROM queue_room WHERE name = ANY($3::text[])`

const POOLS = `
  WITH ${ROOM}
  SELECT id, free_cpu, free_memory FROM pool_room
  WHERE id IN (SELECT pool_id FROM queue WHERE name = ANY($3::text[]))`

const MACHINES = `WITH ${ROOM} SELECT id, free FROM machine_room WHERE id = ANY($3::text[])`

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
  const room = roomValues(ending)
  const [, , queueRows, poolRows, machineRows] = await Promise.all([
    tx.query({ name: 'lock-pools', text: LOCK_POOLS, values: [queues, machineIds] }),
    tx.query({ name: 'lock-queues', text: LOCK_QUEUES, values: [queues] }),
    tx.query({ name: 'free-queues', text: QUEUES, values: [...room, queues] }),
    tx.query({ name: 'free-pools', text: POOLS, values: [...room, queues] }),
    tx.query({ name: 'free-machines', text: MACHINES, values: [...room, machineIds] }),
  ])
  return {
    queues: new Map(
      queueRows.rows.map((row) => [row.name, { poolId: row.pool_id, priority: row.priority, free: row.free }]),
    ),
    pools: new Map(
      poolRows.rows.map((row) => [row.id, { freeCpu: row.free_cpu, freeMemoryBytes: Number(row.free_memory) }]),
    ),
    slots: new Map(machineRows.rows.map((row) => [row.id, row.free])),
  }
}
