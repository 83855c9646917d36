/** An instance by its run and task. */
export interface InstanceKey {
  readonly runId: string
  readonly taskKey: string
}

/**
 * What is free, as common table expressions: `hold`, `pool_room`, `queue_room` and `machine_room`, counted from the rows
 * that hold capacity. Parameters $1 and $2 are the runs and tasks whose hold does not count, for it ends with this very
 * transaction. Paused pools and queues and draining machines have no room.
 */
export const ROOM = `
  hold AS (
    SELECT h.queue, h.machine_id, h.cpu, h.memory_bytes FROM queue_hold h
    WHERE (h.run_id, h.task_key) NOT IN (SELECT run, task FROM unnest($1::text[], $2::text[]) AS ending(run, task))
  ),
  pool_room AS (
    SELECT p.id, p.total_cpu, p.total_memory_bytes, p.total_cpu - coalesce(sum(hold.cpu), 0) AS free_cpu,
      p.total_memory_bytes - coalesce(sum(hold.memory_bytes), 0) AS free_memory
    FROM pool p LEFT JOIN queue q ON q.pool_id = p.id LEFT JOIN hold ON hold.queue = q.name
    WHERE p.status = 'ACTIVE' GROUP BY p.id
  ),
  queue_room AS (
    SELECT q.name, q.pool_id, q.priority, q.capacity - count(hold.queue)::integer AS free
    FROM queue q LEFT JOIN hold ON hold.queue = q.name
    WHERE q.status <> 'PAUSED' GROUP BY q.id
  ),
  machine_room AS (
    SELECT m.id, m.name, m.pool_id, m.slots - count(hold.machine_id)::integer AS free
    FROM machine m LEFT JOIN hold ON hold.machine_id = m.id
    WHERE NOT m.is_draining GROUP BY m.id
  )`

/** The values of $1 and $2. */
export function roomValues(ending: readonly InstanceKey[]): [string[], string[]] {
  return [ending.map(({ runId }) => runId), ending.map(({ taskKey }) => taskKey)]
}

/** Sums of fractions of a cpu are not exact; a millionth of a cpu is nobody's. */
export const CPU_SLACK = 1e-6
