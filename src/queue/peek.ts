import type { ClientBase, Pool } from 'pg'
import type { Candidate, Offer } from './candidate.js'

/**
 * The heads of the lanes that the offer can serve, best rank first, without any lock. Lanes are found by hopping over
 * the index from one (queue, project, placement) to the next, so the cost follows their number, not that of the waiting.
 */
const PEEK = `
  WITH RECURSIVE lane AS (
    (SELECT queue, project_id, placement FROM queue_entry WHERE NOT is_held
     ORDER BY queue, project_id, placement LIMIT 1)
    UNION ALL
    SELECT next.* FROM lane CROSS JOIN LATERAL (
      SELECT e.queue, e.project_id, e.placement FROM queue_entry e
      WHERE NOT e.is_held AND (e.queue, e.project_id, e.placement) > (lane.queue, lane.project_id, lane.placement)
      ORDER BY e.queue, e.project_id, e.placement LIMIT 1) next
  )
  SELECT head.instance_id, head.run_id, head.task_key, lane.queue, lane.placement, head.cpu, head.memory_bytes,
    extract(epoch FROM head.rank) * 1000 AS rank
  FROM lane
  JOIN queue q ON q.name = lane.queue AND q.status <> 'PAUSED'
  JOIN pool p ON p.id = q.pool_id AND p.status = 'ACTIVE'
  CROSS JOIN LATERAL (
    SELECT e.instance_id, e.run_id, e.task_key, e.cpu, e.memory_bytes, e.rank FROM queue_entry e
    WHERE NOT e.is_held AND e.queue = lane.queue AND e.project_id = lane.project_id AND e.placement = lane.placement
    ORDER BY e.rank, e.instance_id LIMIT $3::integer) head
  WHERE lane.placement = '-' OR (lane.placement = '' AND q.pool_id = ANY($1::text[])) OR lane.placement = ANY($2::text[])
  ORDER BY head.rank - make_interval(mins => q.priority), head.instance_id LIMIT $3::integer`

interface Row {
  readonly instance_id: string
  readonly run_id: string
  readonly task_key: string
  readonly queue: string
  readonly placement: string
  readonly rank: number | string
  readonly cpu: number
  readonly memory_bytes: number | string
}

/** At most as many candidates as the offer's limit. */
export async function peek(db: ClientBase | Pool, offer: Offer): Promise<Candidate[]> {
  const pools = [...new Set(offer.machines.map((machine) => machine.poolId))]
  const names = offer.machines.map((machine) => machine.name)
  const { rows } = await db.query<Row>({ name: 'peek', text: PEEK, values: [pools, names, offer.limit] })
  return rows.map((row) => ({
    instanceId: row.instance_id,
    runId: row.run_id,
    taskKey: row.task_key,
    queue: row.queue,
    placement: row.placement,
    rank: Number(row.rank),
    cpu: row.cpu,
    memoryBytes: Number(row.memory_bytes),
  }))
}
