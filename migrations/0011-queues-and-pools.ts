import { SqlMigration } from '../src/platform/sql-migration.js'

const TABLES = `
ALTER TABLE queue
  -- Whose work it takes; empty: every project's.
  ADD COLUMN project_ids text[] NOT NULL DEFAULT '{}';

-- Whose it is: what each project holds of a queue decides whose turn it is.
ALTER TABLE queue_hold ADD COLUMN project_id text COLLATE "C";
UPDATE queue_hold h SET project_id = i.project_id FROM instance i WHERE i.id = h.instance_id;
ALTER TABLE queue_hold ALTER COLUMN project_id SET NOT NULL;

-- A lane has one wish of cpu and memory: whether its head fits says it of all that stand behind it.
DROP INDEX queue_entry_lane;
CREATE INDEX queue_entry_lane ON queue_entry (queue, project_id, placement, cpu, memory_bytes, rank, instance_id)
  WHERE NOT is_held;
`

/**
 * The last statements of transactions, after the read side was written. Who looks later sees what was committed meanwhile,
 * so a pool that is deleted and a queue that is put into it at the same moment cannot both succeed. What is queued at the
 * very moment at which its queue is deleted may be missed: it says so in its wait reasons.
 */
const GUARDS = `
CREATE FUNCTION keep_pools() RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7310579007);
  IF EXISTS (SELECT FROM queue q WHERE NOT EXISTS (SELECT FROM pool p WHERE p.id = q.pool_id))
    OR EXISTS (SELECT FROM machine m WHERE m.removed_at IS NULL
      AND NOT EXISTS (SELECT FROM pool p WHERE p.id = m.pool_id)) THEN
    RAISE EXCEPTION 'A pool has to stay while it has members' USING ERRCODE = 'check_violation', CONSTRAINT = 'pool_in_use';
  END IF;
END $$;

CREATE FUNCTION keep_used_queue(name text) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM queue_entry e WHERE e.queue = name) OR EXISTS (SELECT FROM queue_hold h WHERE h.queue = name) THEN
    RAISE EXCEPTION 'A queue has to stay while it is used' USING ERRCODE = 'check_violation', CONSTRAINT = 'queue_in_use';
  END IF;
END $$;

REVOKE ALL ON FUNCTION keep_pools, keep_used_queue FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_pools, keep_used_queue TO dagbook_app;
`

/** Queues and pools that are made, changed and deleted, and queues that are some projects' only. */
export class QueuesAndPools extends SqlMigration {
  override readonly scriptName = '0011-queues-and-pools'
  override readonly description = 'queues and pools that change, and whose work queues take'
  override readonly sql = `${TABLES}${GUARDS}`
}
