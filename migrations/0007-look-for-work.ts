import { SqlMigration } from '../src/platform/sql-migration.js'

/**
 * What a claim has to know, in one round trip: the heads of the lanes that the machines given can serve and that have
 * room, the streams of their runs as far as nobody else holds them, and what is free in the queues and pools, locked.
 * Locks follow the one order (streams, pools, queues); what is free is counted in a statement after them, whose snapshot
 * holds every claim that was before this one. Null: nothing waits.
 *
 * Lanes are found by hopping over the index from one (queue, project, placement, cpu, memory) to the next, so the cost
 * follows their number, not that of the waiting. A lane without room is left out, or a full queue with older entries would
 * hide an empty one; so is one whose wish is larger than its whole pool, for it never starts. All of a lane ask for the
 * same, so nothing is read of what cannot start, however many they are. Paused pools and queues, queues that do not take
 * the project's work and draining machines have no room. Sums of fractions of a cpu are not exact, hence the millionth.
 *
 * In a queue the project that holds least goes next, then the one whose turn is longest ago (`served`, as the asking
 * process remembers it), then the lower rank; the first of this order takes the place of the queue's lowest rank, the second
 * that of the second, so that queues compete by rank. `pick` says the same of the final choice.
 *
 * A lane's head that only its pool's cpu or memory keeps waiting, for more than a minute, is shown, too (`is_stuck`):
 * what comes after it in the order may start only beside it. Unless no machine could take it just now.
 *
 * A machine may take the work of some projects only; a lane whose placement is `+a+b` goes to machines of its queue's pool
 * that have all of these labels. Which lanes can go anywhere is looked up: comparing each lane with each machine took 23 ms
 * instead of 3 for 300 lanes that nobody serves and 50 machines.
 *
 * The app may not lock streams itself; and the planner must not choose a scan because the tables were small once.
 */
const LOOK = `
CREATE FUNCTION look_for_work(machine_ids text[], max_count integer, released_run text[], released_task text[],
  also_from text[], served jsonb) RETURNS json
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
      (SELECT queue, project_id, placement, cpu, memory_bytes FROM queue_entry WHERE NOT is_held
       ORDER BY queue, project_id, placement, cpu, memory_bytes LIMIT 1)
      UNION ALL
      SELECT next.* FROM lane CROSS JOIN LATERAL (
        SELECT e.queue, e.project_id, e.placement, e.cpu, e.memory_bytes FROM queue_entry e
        WHERE NOT e.is_held AND (e.queue, e.project_id, e.placement, e.cpu, e.memory_bytes) >
          (lane.queue, lane.project_id, lane.placement, lane.cpu, lane.memory_bytes)
        ORDER BY e.queue, e.project_id, e.placement, e.cpu, e.memory_bytes LIMIT 1) next
    ),
    room AS MATERIALIZED (SELECT * FROM room_now(machine_ids, released_run, released_task)),
    queue_room AS MATERIALIZED (SELECT * FROM room WHERE kind = 'QUEUE' AND free > 0),
    pool_room AS MATERIALIZED (SELECT * FROM room WHERE kind = 'POOL'),
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
    -- Lanes that their queues let go, and whether their pools do.
    standing AS MATERIALIZED (
      SELECT lane.*, q.pool_id, q.priority, q.free, p.free AS free_cpu, p.free_memory,
        coalesce(((SELECT jsonb_object_agg(key || '/' || room.pool_id, room.free) FROM room WHERE kind = 'USE')
          ->> (lane.queue || '/' || lane.project_id))::float8, 0) AS held,
        coalesce((served ->> (lane.queue || '/' || lane.project_id))::float8, 0) AS turn,
        (lane.cpu = 0 OR lane.cpu <= p.free + 1e-6) AND (lane.memory_bytes = 0 OR lane.memory_bytes <= p.free_memory) AS fits
      FROM lane
      JOIN queue_room q ON q.key = lane.queue AND (q.project_ids = '{}' OR lane.project_id = ANY(q.project_ids))
      JOIN pool_room p ON p.key = q.pool_id AND lane.cpu <= p.total + 1e-6 AND lane.memory_bytes <= p.total_memory
    ),
    -- Those that may start now on some machine that is offered.
    ready AS MATERIALIZED (
      SELECT * FROM standing s
      WHERE s.fits
        AND (s.placement = '-' OR s.placement IN (SELECT name FROM open)
          OR (s.placement = '' AND s.pool_id IN (SELECT pool_id FROM open))
          OR EXISTS (SELECT FROM kept WHERE s.project_id = ANY(kept.project_ids)
            AND (kept.name = s.placement OR (s.placement = '' AND kept.pool_id = s.pool_id)))
          OR (s.placement LIKE '+%' AND EXISTS (
            SELECT FROM labelled WHERE labelled.placement = s.placement AND labelled.pool_id = s.pool_id
              AND (labelled.project_ids = '{}' OR s.project_id = ANY(labelled.project_ids)))))
    ),
    sharer AS MATERIALIZED (SELECT DISTINCT queue, project_id, held, free FROM ready),
    -- As many of each project as may have their turn when all have enough that waits, and two more.
    share AS MATERIALIZED (
      SELECT queue, project_id, least(max_count, free::integer, greatest(0, ceil(
        (sum(held) OVER (PARTITION BY queue) + max_count) / count(*) OVER (PARTITION BY queue) - held)::integer) + 2) AS size
      FROM sharer
    ),
    waiting AS (
      SELECT mine.*, false AS is_stuck FROM share
      CROSS JOIN LATERAL (
        SELECT s.*, head.* FROM ready s
        CROSS JOIN LATERAL (
          SELECT e.instance_id, e.run_id, e.task_key, e.rank, e.queued_at FROM queue_entry e
          WHERE NOT e.is_held AND e.queue = s.queue AND e.project_id = s.project_id AND e.placement = s.placement
            AND e.cpu = s.cpu AND e.memory_bytes = s.memory_bytes
          ORDER BY e.rank, e.instance_id LIMIT share.size) head
        WHERE s.queue = share.queue AND s.project_id = share.project_id
        ORDER BY head.rank, head.instance_id LIMIT share.size) mine
      UNION ALL
      SELECT s.*, head.*, true FROM standing s
      CROSS JOIN LATERAL (
        SELECT e.instance_id, e.run_id, e.task_key, e.rank, e.queued_at FROM queue_entry e
        WHERE NOT e.is_held AND e.queue = s.queue AND e.project_id = s.project_id AND e.placement = s.placement
          AND e.cpu = s.cpu AND e.memory_bytes = s.memory_bytes
        ORDER BY e.rank, e.instance_id LIMIT 1) head
      WHERE NOT s.fits AND head.queued_at < now() - interval '1 minute'
    ),
    levelled AS (
      SELECT w.*, is_stuck::integer + held + count(*) FILTER (WHERE NOT is_stuck)
        OVER (PARTITION BY queue, project_id ORDER BY rank, instance_id) AS level FROM waiting w
    ),
    ordered AS (
      SELECT l.*, row_number() OVER (PARTITION BY queue ORDER BY level, turn, rank, instance_id) AS turn_of FROM levelled l
    ),
    placed AS (
      SELECT o.*, nth_value(rank, turn_of::integer) OVER (PARTITION BY queue ORDER BY rank, instance_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) - make_interval(mins => priority) AS place FROM ordered o
    ),
    -- The first whose turn it would be and that could start; asked in order, as one answer is mostly enough.
    keeper AS MATERIALIZED (
      SELECT first.* FROM (SELECT DISTINCT pool_id FROM placed WHERE is_stuck) AS short
      CROSS JOIN LATERAL (
        SELECT pool_id, instance_id, cpu, memory_bytes, place, turn_of FROM (
          SELECT * FROM placed WHERE is_stuck AND placed.pool_id = short.pool_id
          ORDER BY place, turn_of, instance_id LIMIT 50) AS stuck
        WHERE could_start(stuck.placement, stuck.project_id, stuck.pool_id, machine_ids) LIMIT 1) AS first
    ),
    found AS (
      SELECT p.* FROM placed p LEFT JOIN keeper k ON k.pool_id = p.pool_id
      WHERE CASE WHEN p.is_stuck THEN p.instance_id = k.instance_id
        ELSE k.pool_id IS NULL OR (p.place, p.turn_of) < (k.place, k.turn_of)
          OR ((p.cpu = 0 OR p.cpu <= p.free_cpu - k.cpu + 1e-6)
            AND (p.memory_bytes = 0 OR p.memory_bytes <= p.free_memory - k.memory_bytes)) END
      ORDER BY p.place, p.turn_of, p.instance_id LIMIT max_count + (SELECT count(*) FROM keeper)
    )
    SELECT json_agg(json_build_array(instance_id, run_id, task_key, queue, project_id, placement, extract(epoch FROM rank) * 1000, cpu,
        memory_bytes, queued_at < now() - interval '1 minute', is_stuck)),
      array_agg(DISTINCT run_id) FILTER (WHERE NOT is_stuck), array_agg(DISTINCT queue)
    INTO found_rows, found_runs, queue_names FROM found;
  END IF;

  IF found_runs IS NULL AND coalesce(array_length(also_from, 1), 0) = 0 THEN
    RETURN NULL;
  END IF;
  queue_names := queue_names || also_from;

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
    'queues', json_agg(json_build_array(key, r.pool_id, priority, free, r.project_ids))
      FILTER (WHERE r.kind = 'QUEUE' AND key = ANY(queue_names)),
    'pools', json_agg(json_build_array(key, free, free_memory)) FILTER (WHERE r.kind = 'POOL'),
    'uses', json_agg(json_build_array(key, r.pool_id, free)) FILTER (WHERE r.kind = 'USE' AND key = ANY(queue_names)),
    'slots', json_agg(json_build_array(key, free, m.pool_id, m.labels, m.project_ids)) FILTER (WHERE r.kind = 'MACHINE'))
  INTO answer FROM room_now(machine_ids, released_run, released_task) r
  LEFT JOIN machine m ON r.kind = 'MACHINE' AND m.id = r.key;
  RETURN answer;
END $$;
`

const ROOM = `
-- What is free, counted from the rows that hold capacity, less than nothing where a limit was lowered. Not counted: the
-- holds of the runs and tasks named, which end with this very transaction. USE: what a project (pool_id) holds of a queue.
CREATE FUNCTION room_now(machine_ids text[], released_run text[], released_task text[])
RETURNS TABLE (kind text, key text, pool_id text, priority integer, free float8, free_memory float8, total float8,
  total_memory float8, project_ids text[])
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH hold AS (
    SELECT h.queue, h.project_id, h.machine_id, h.cpu, h.memory_bytes FROM queue_hold h
    WHERE (h.run_id, h.task_key) NOT IN (SELECT run, task FROM unnest(released_run, released_task) AS ending(run, task))
  ),
  by_project AS MATERIALIZED (
    SELECT queue, project_id, count(*) AS held, sum(cpu) AS cpu, sum(memory_bytes)::float8 AS memory FROM hold
    GROUP BY queue, project_id
  ),
  by_queue AS MATERIALIZED (
    SELECT queue, sum(held)::float8 AS held, sum(cpu) AS cpu, sum(memory) AS memory FROM by_project GROUP BY queue
  ),
  by_machine AS MATERIALIZED (
    SELECT machine_id, count(*) AS held FROM hold WHERE machine_id IS NOT NULL GROUP BY machine_id
  )
  SELECT 'QUEUE', q.name, q.pool_id, q.priority, q.capacity - coalesce(b.held, 0), NULL::float8, NULL::float8,
    NULL::float8, q.project_ids
  FROM queue q LEFT JOIN by_queue b ON b.queue = q.name WHERE q.status <> 'PAUSED'
  UNION ALL
  SELECT 'POOL', p.id, NULL, NULL, p.total_cpu - coalesce(sum(b.cpu), 0),
    p.total_memory_bytes - coalesce(sum(b.memory), 0), p.total_cpu, p.total_memory_bytes::float8, NULL
  FROM pool p LEFT JOIN queue q ON q.pool_id = p.id LEFT JOIN by_queue b ON b.queue = q.name
  WHERE p.status = 'ACTIVE' GROUP BY p.id
  UNION ALL
  SELECT 'USE', b.queue, b.project_id, NULL, b.held::float8, NULL, NULL, NULL, NULL FROM by_project b
  UNION ALL
  SELECT 'MACHINE', m.id, NULL, NULL, m.slots - coalesce(b.held, 0)::float8, NULL, NULL, NULL, NULL
  FROM machine m LEFT JOIN by_machine b ON b.machine_id = m.id WHERE m.id = ANY(machine_ids) AND NOT m.is_draining;
END $$;

-- Whether some machine that is reached just now, by the one who asks or by another, would take it if its pool had room.
CREATE FUNCTION could_start(placement text, project text, pool text, machine_ids text[]) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT placement = '-' OR EXISTS (
    SELECT FROM machine m
    WHERE m.removed_at IS NULL AND NOT m.is_draining AND NOT m.is_quarantined
      AND (m.project_ids = '{}' OR project = ANY(m.project_ids))
      AND (m.name = placement OR (m.pool_id = pool AND (placement = ''
        OR (placement LIKE '+%' AND string_to_array(substr(placement, 2), '+') <@ m.labels))))
      AND m.slots > (SELECT count(*) FROM queue_hold h WHERE h.machine_id = m.id)
      AND (m.id = ANY(machine_ids)
        OR EXISTS (SELECT FROM node n WHERE m.kind = 'LOCAL' AND n.host_identity = m.host_identity
          AND 'dispatcher' = ANY(n.roles) AND n.lease_expires_at > now())
        OR EXISTS (SELECT FROM machine_contact c WHERE m.kind = 'SSH' AND c.machine_id = m.id AND m.host_key IS NOT NULL
          AND c.reached_at > now() - interval '15 seconds' AND (c.failed_at IS NULL OR c.failed_at < c.reached_at)
          AND c.error IS NULL)))
$$;

REVOKE ALL ON FUNCTION look_for_work, room_now, could_start FROM PUBLIC;
GRANT EXECUTE ON FUNCTION look_for_work, could_start TO dagbook_app;
`

/** The look of a claim: what waits, and how much room there is for it. */
export class LookForWork extends SqlMigration {
  override readonly scriptName = '0007-look-for-work'
  override readonly description = 'what a claim has to know, in one round trip'
  override readonly sql = `${LOOK}${ROOM}`
}
