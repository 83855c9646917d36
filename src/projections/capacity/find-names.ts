import type { Reader } from '../list.js'

/** A queue as far as it matters to who would use it. */
export interface QueueTerms {
  readonly name: string
  readonly status: 'OPEN' | 'PAUSED' | 'DRAINING'
  /** Whose work it takes; empty: every project's. */
  readonly projectIds: readonly string[]
  readonly capacity: number
  readonly poolId: string
  readonly poolName: string
  readonly poolStatus: 'ACTIVE' | 'PAUSED'
  readonly totalCpu: number
  readonly totalMemoryBytes: number
}

const QUEUE_TERMS = `
  SELECT q.name, q.status, q.capacity, q.project_ids AS "projectIds", q.pool_id AS "poolId", p.name AS "poolName",
    p.status AS "poolStatus", p.total_cpu AS "totalCpu", p.total_memory_bytes AS "totalMemoryBytes"
  FROM queue q JOIN pool p ON p.id = q.pool_id WHERE q.name = ANY($1::text[])`

/** The queues that there are among these names. */
export async function findQueueTerms(db: Reader, names: readonly string[]): Promise<ReadonlyMap<string, QueueTerms>> {
  const { rows } = await db.query<QueueTerms>({ name: 'queue-terms', text: QUEUE_TERMS, values: [names] })
  return new Map(rows.map((row) => [row.name, row]))
}

const MACHINES = 'SELECT name, pool_id FROM machine WHERE name = ANY($1::text[]) AND removed_at IS NULL'

/** The pools of the machines that there are among these names. */
export async function findMachinePools(db: Reader, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.query<{ name: string; pool_id: string }>(MACHINES, [names])
  return new Map(rows.map((row) => [row.name, row.pool_id]))
}

const QUEUES_OF = `
  SELECT DISTINCT q.id FROM instance i JOIN task t ON t.id = i.task_id JOIN queue q ON q.name = t.queue
  WHERE i.id = ANY($1::text[])`

/** The queues that these instances wait in, or would. */
export async function findQueueIds(db: Reader, instanceIds: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({ name: 'queues-of', text: QUEUES_OF, values: [instanceIds] })
  return rows.map(({ id }) => id)
}
