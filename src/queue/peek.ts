import type { ClientBase, Pool } from 'pg'
import type { Candidate, Offer } from './candidate.js'
import { CPU_SLACK, type InstanceKey, ROOM, roomValues } from './room.js'

/**
 * The heads of the lanes that the offer can serve and that have room, best rank first, without any lock. Lanes are found
 * by hopping over the index from one (queue, project, placement) to the next, so the cost follows their number, not that
 * of the waiting. A lane without room is left out, or a full queue with older entries would hide an empty one; so is
 * what is larger than its whole pool, or it would stand before its lane for ever.
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
  ),
  ${ROOM},
  place AS (SELECT name, pool_id FROM machine_room WHERE id = ANY($3::text[]) AND free > 0)
  SELECT head.instance_id, head.run_id, head.task_key, lane.queue, lane.placement, head.cpu, head.memory_bytes,
    extract(epoch FROM head.rank) * 1000 AS rank
  FROM lane
  JOIN queue_room q ON q.name = lane.queue AND q.free > 0
  JOIN pool_room p ON p.id = q.pool_id
  CROSS JOIN LATERAL (
    SELECT e.instance_id, e.run_id, e.task_key, e.cpu, e.memory_bytes, e.rank FROM queue_entry e
    WHERE NOT e.is_held AND e.queue = lane.queue AND e.project_id = lane.project_id AND e.placement = lane.placement
      AND e.cpu <= p.total_cpu AND e.memory_bytes <= p.total_memory_bytes
    ORDER BY e.rank, e.instance_id LIMIT least($4::integer, q.free)) head
  WHERE head.cpu <= p.free_cpu + ${CPU_SLACK} AND head.memory_bytes <= p.free_memory
    AND (lane.placement = '-' OR lane.placement IN (SELECT name FROM place)
      OR (lane.placement = '' AND q.pool_id IN (SELECT pool_id FROM place)))
  ORDER BY head.rank - make_interval(mins => q.priority), head.instance_id LIMIT $4::integer`

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

/** At most as many candidates as the offer's limit. `ending`: whose capacity is as good as free. */
export async function peek(db: ClientBase | Pool, offer: Offer, ending: readonly InstanceKey[]): Promise<Candidate[]> {
  const machines = offer.machines.map((machine) => machine.id)
  const values = [...roomValues(ending), machines, offer.limit]
  const { rows } = await db.query<Row>({ name: 'peek', text: PEEK, values })
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
