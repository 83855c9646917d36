import type { ClientBase } from 'pg'

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

const LOCK_POOLS = `
  SELECT id FROM pool WHERE id IN (SELECT pool_id FROM queue WHERE name = ANY($1::text[])) ORDER BY id FOR UPDATE`

const LOCK_QUEUES = 'SELECT id FROM queue WHERE name = ANY($1::text[]) ORDER BY id FOR UPDATE'

/** Counted from the rows that hold capacity, less those that this very transaction is about to release. */
const HOLDS = `
  SELECT h.queue, h.machine_id, h.cpu, h.memory_bytes FROM queue_hold h
  WHERE NOT EXISTS (SELECT FROM unnest($2::text[]) AS released(id) WHERE released.id = h.instance_id)`

const QUEUES = `
  WITH hold AS (${HOLDS})
  SELECT q.name, q.pool_id, q.priority, q.capacity - (SELECT count(*)::integer FROM hold WHERE hold.queue = q.name) AS free
  FROM queue q WHERE q.name = ANY($1::text[]) AND q.status <> 'PAUSED'`

const POOLS = `
  WITH hold AS (${HOLDS})
  SELECT p.id, p.total_cpu - coalesce(sum(hold.cpu), 0) AS free_cpu,
    p.total_memory_bytes - coalesce(sum(hold.memory_bytes), 0) AS free_memory
  FROM pool p LEFT JOIN queue q ON q.pool_id = p.id LEFT JOIN hold ON hold.queue = q.name
  WHERE p.status = 'ACTIVE' AND p.id IN (SELECT pool_id FROM queue WHERE name = ANY($1::text[]))
  GROUP BY p.id`

const MACHINES = `
  WITH hold AS (${HOLDS})
  SELECT m.id, m.slots - (SELECT count(*)::integer FROM hold WHERE hold.machine_id = m.id) AS free
  FROM machine m WHERE m.id = ANY($1::text[]) AND NOT m.is_draining`

/**
 * Locks the queues named and their pools (pools first: the one lock order) and counts what is left of them. `released`
 * are instances whose hold ends with this transaction.
 */
export async function lockCapacity(
  tx: ClientBase,
  queues: readonly string[],
  machineIds: readonly string[],
  released: readonly string[],
): Promise<Capacity> {
  const [, , queueRows, poolRows, machineRows] = await Promise.all([
    tx.query({ name: 'lock-pools', text: LOCK_POOLS, values: [queues] }),
    tx.query({ name: 'lock-queues', text: LOCK_QUEUES, values: [queues] }),
    tx.query({ name: 'free-queues', text: QUEUES, values: [queues, released] }),
    tx.query({ name: 'free-pools', text: POOLS, values: [queues, released] }),
    tx.query({ name: 'free-machines', text: MACHINES, values: [machineIds, released] }),
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
