import type { Reader } from '../list.js'

const QUEUE_LOADS = `
  SELECT queue AS name, count(*) AS count FROM queue_hold WHERE queue = ANY($1::text[]) GROUP BY queue`

const QUEUE_DEPTHS = `
  SELECT queue AS name, count(*) AS count FROM queue_entry WHERE queue = ANY($1::text[]) GROUP BY queue`

const MACHINE_LOADS = `
  SELECT machine_id AS name, count(*) AS count FROM queue_hold WHERE machine_id = ANY($1::text[]) GROUP BY machine_id`

const POOL_USE = `
  SELECT q.pool_id AS id, sum(h.cpu) AS cpu, sum(h.memory_bytes)::float8 AS memory_bytes
  FROM queue_hold h JOIN queue q ON q.name = h.queue
  WHERE q.pool_id = ANY($1::text[]) GROUP BY q.pool_id`

/** Instances that hold capacity of the queues, by name; a queue without any is left out. */
export function getQueueLoads(db: Reader, names: readonly string[]): Promise<Map<string, number>> {
  return counts(db, QUEUE_LOADS, names)
}

/** Instances that wait in the queues, those of paused runs too, by name. */
export function getQueueDepths(db: Reader, names: readonly string[]): Promise<Map<string, number>> {
  return counts(db, QUEUE_DEPTHS, names)
}

/** Instances that machines execute, by machine id. */
export function getMachineLoads(db: Reader, ids: readonly string[]): Promise<Map<string, number>> {
  return counts(db, MACHINE_LOADS, ids)
}

/** What instances hold of the pools, by pool id. */
export async function getPoolUse(
  db: Reader,
  ids: readonly string[],
): Promise<Map<string, { readonly cpu: number; readonly memoryBytes: number }>> {
  const { rows } = await db.query<{ id: string; cpu: number; memory_bytes: number }>({ text: POOL_USE, values: [ids] })
  return new Map(rows.map((row) => [row.id, { cpu: row.cpu, memoryBytes: row.memory_bytes }]))
}

async function counts(db: Reader, text: string, values: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await db.query<{ name: string; count: number }>({ text, values: [values] })
  return new Map(rows.map(({ name, count }) => [name, count]))
}
