import { SqlMigration } from '../src/platform/sql-migration.js'

/**
 * What a claim has to know, in one round trip: the heads of the lanes that the machines given can serve and that have
 * room, the streams of their runs as far as nobody else holds them, and what is free in the queues and pools, locked.
 * Locks follow the one order (streams, pools, queues); what is free is counted in a statement after them, whose snapshot
 * holds every claim that was before this one. Null: nothing waits.
 *
 * Lanes are found by hopping over the index from one (queue, project, placement) to the next, so the cost follows their
 * number, not that of the waiting. A lane without room is left out, or a full queue with older entries would hide an
 * empty one; so is what is larger than its whole pool, or it would stand before its lane for ever. Paused pools and
 * queues and draining machines have no room. Sums of fractions of a cpu are not exact, hence the millionth.
 *
 * A machine may take the work of some projects only; a lane whose placement is `+a+b` goes to machines of its queue's pool
 * that have all of these labels. Which lanes can go anywhere is looked up: comparing each lane with each machine took 23 ms
 * instead of 3 for 300 lanes that nobody serves and 50 machines.
 *
 * The app may not lock streams itself; and the planner must not choose a scan because the tables were small once.
 */
const SQL = `
CREATE FUNCTION look_for_work(machine_ids text[], max_count integer, released_run text[], released_task text[],
  also_from text[]) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
  found_rows json;
  found_runs text[];
  queue_names text[];
  head_rows json;
  answer json;
BEGIN
  IF EXISTS (SELECT FROM queue_entry WHERE NOT is_held) THEN
    WITH RECURSIVE lane AS (
      (SELECT queue, project_id, placement FROM queue_entry WHERE NOT is_held
       ORDER BY queue, project_id, placement LIMIT 1)
      UNION ALL
      SELECT next.* FROM lane CROSS JOIN LATERAL (
        SELECT e.queue, e.project_id, e.placement FROM queue_entry e
        WHERE NOT e.is_held AND (e.queue, e.project_id, e.placement) > (lane.queue, lane.project_id, lane.placement)
        ORDER BY e.queue, e.project_id, e.placement LIMIT 1) next
    ),
    room AS MATERIALIZED (SELECT * FROM room_now(machine_ids, released_run, released_task)),
    place AS MATERIALIZED (
      SELECT m.name, m.pool_id, m.labels, m.project_ids
      FROM room JOIN machine m ON m.id = room.key WHERE room.kind = 'MACHINE' AND free > 0
    ),
    open AS MATERIALIZED (SELECT name, pool_id FROM place WHERE project_ids = '{}'),
    kept AS MATERIALIZED (SELECT * FROM place WHERE project_ids <> '{}'),
    -- What asks for labels, once for each set of them and not for each lane.
    labelled AS MATERIALIZED (
      SELECT asked.placement, place.pool_id, place.project_ids
      FROM (SELECT DISTINCT placement FROM lane WHERE placement LIKE '+%') asked
      JOIN place ON string_to_array(substr(asked.placement, 2), '+') <@ place.labels
    ),
    found AS (
      SELECT head.instance_id, head.run_id, head.task_key, lane.queue, lane.project_id, lane.placement, head.rank, head.cpu,
        head.memory_bytes, q.priority
      FROM lane
      JOIN room q ON q.kind = 'QUEUE' AND q.key = lane.queue AND q.free > 0
      JOIN room p ON p.kind = 'POOL' AND p.key = q.pool_id
      CROSS JOIN LATERAL (
        SELECT e.instance_id, e.run_id, e.task_key, e.cpu, e.memory_bytes, e.rank FROM queue_entry e
        WHERE NOT e.is_held AND e.queue = lane.queue AND e.project_id = lane.project_id AND e.placement = lane.placement
          AND e.cpu <= p.total AND e.memory_bytes <= p.total_memory
        ORDER BY e.rank, e.instance_id LIMIT least(max_count, q.free::integer)) head
      WHERE head.cpu <= p.free + 1e-6 AND head.memory_bytes <= p.free_memory
        AND (lane.placement = '-' OR lane.placement IN (SELECT name FROM open)
          OR (lane.placement = '' AND q.pool_id IN (SELECT pool_id FROM open))
          OR EXISTS (SELECT FROM kept WHERE lane.project_id = ANY(kept.project_ids)
            AND (kept.name = lane.placement OR (lane.placement = '' AND kept.pool_id = q.pool_id)))
          OR (lane.placement LIKE '+%' AND EXISTS (
            SELECT FROM labelled WHERE labelled.placement = lane.placement AND labelled.pool_id = q.pool_id
              AND (labelled.project_ids = '{}' OR lane.project_id = ANY(labelled.project_ids)))))
      ORDER BY head.rank - make_interval(mins => q.priority), head.instance_id LIMIT max_count
    )
    SELECT json_agg(json_build_array(instance_id, run_id, task_key, queue, project_id, placement, extract(epoch FROM rank) * 1000, cpu,
        memory_bytes)), array_agg(DISTINCT run_id), array_agg(DISTINCT queue)
    INTO found_rows, found_runs, queue_names FROM found;
  END IF;

  queue_names := queue_names || also_from;
  IF coalesce(array_length(queue_names, 1), 0) = 0 THEN
    RETURN NULL;
  END IF;

  IF found_runs IS NOT NULL THEN
    SELECT json_agg(json_build_array(id, version, encode(head_hash, 'hex'), first_position, last_position))
    INTO head_rows FROM lock_free_streams(found_runs);
  END IF;

  -- The machines' pools, too: a task may name a machine of another pool than its queue's, and slots are counted as well.
  PERFORM id FROM pool
  WHERE id IN (SELECT pool_id FROM queue WHERE name = ANY(queue_names))
    OR id IN (SELECT pool_id FROM machine WHERE id = ANY(machine_ids))
  ORDER BY id FOR UPDATE;
  PERFORM id FROM queue WHERE name = ANY(queue_names) ORDER BY id FOR UPDATE;

  SELECT json_build_object('candidates', found_rows, 'heads', head_rows,
    'queues', json_agg(json_build_array(key, r.pool_id, priority, free)) FILTER (WHERE r.kind = 'QUEUE' AND key = ANY(queue_names)),
    'pools', json_agg(json_build_array(key, free, free_memory)) FILTER (WHERE r.kind = 'POOL'),
    'slots', json_agg(json_build_array(key, free, m.labels, m.project_ids)) FILTER (WHERE r.kind = 'MACHINE'))
  INTO answer FROM room_now(machine_ids, released_run, released_task) r
  LEFT JOIN machine m ON r.kind = 'MACHINE' AND m.id = r.key;
  RETURN answer;
END $$;

-- What is free, counted from the rows that hold capacity, less than nothing where a limit was lowered. Not counted: the
-- holds of the runs and tasks named, which end with this very transaction.
CREATE FUNCTION room_now(machine_ids text[], released_run text[], released_task text[])
RETURNS TABLE (kind text, key text, pool_id text, priority integer, free float8, free_memory float8, total float8,
  total_memory float8)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH hold AS (
    SELECT h.queue, h.machine_id, h.cpu, h.memory_bytes FROM queue_hold h
    WHERE (h.run_id, h.task_key) NOT IN (SELECT run, task FROM unnest(released_run, released_task) AS ending(run, task))
  ),
  by_queue AS MATERIALIZED (
    SELECT queue, count(*) AS held, sum(cpu) AS cpu, sum(memory_bytes)::float8 AS memory FROM hold GROUP BY queue
  ),
  by_machine AS MATERIALIZED (
    SELECT machine_id, count(*) AS held FROM hold WHERE machine_id IS NOT NULL GROUP BY machine_id
  )
  SELECT 'QUEUE', q.name, q.pool_id, q.priority, q.capacity - coalesce(b.held, 0)::float8, NULL::float8, NULL::float8,
    NULL::float8
  FROM queue q LEFT JOIN by_queue b ON b.queue = q.name WHERE q.status <> 'PAUSED'
  UNION ALL
  SELECT 'POOL', p.id, NULL, NULL, p.total_cpu - coalesce(sum(b.cpu), 0),
    p.total_memory_bytes - coalesce(sum(b.memory), 0), p.total_cpu, p.total_memory_bytes::float8
  FROM pool p LEFT JOIN queue q ON q.pool_id = p.id LEFT JOIN by_queue b ON b.queue = q.name
  WHERE p.status = 'ACTIVE' GROUP BY p.id
  UNION ALL
  SELECT 'MACHINE', m.id, NULL, NULL, m.slots - coalesce(b.held, 0)::float8, NULL, NULL, NULL
  FROM machine m LEFT JOIN by_machine b ON b.machine_id = m.id WHERE m.id = ANY(machine_ids) AND NOT m.is_draining;
END $$;

REVOKE ALL ON FUNCTION look_for_work, room_now FROM PUBLIC;
GRANT EXECUTE ON FUNCTION look_for_work TO dagbook_app;
`

/** The look of a claim: what waits, and how much room there is for it. */
export class LookForWork extends SqlMigration {
  override readonly scriptName = '0007-look-for-work'
  override readonly description = 'what a claim has to know, in one round trip'
  override readonly sql = SQL
}
