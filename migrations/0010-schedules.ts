import { SqlMigration } from '../src/platform/sql-migration.js'

/**
 * Schedules and backfills. `schedule.next_at` says when to look at a schedule again, so that finding what is due costs one
 * look at an index, however many there are; null: never, as things are. Runs that a schedule or a backfill has asked for
 * and that have not ended have an index of their own: who may start next is seen among these.
 */
const SQL = `
CREATE TABLE schedule (
  dag_id text COLLATE "C" PRIMARY KEY,
  project_id text COLLATE "C" NOT NULL,
  -- Null: the DAG no longer has one.
  schedule jsonb,
  -- Since when it is as it is: what an interval counts from.
  anchor_at timestamptz(3) NOT NULL,
  -- No time up to here fires any more. It never moves back.
  through timestamptz(3) NOT NULL,
  next_at timestamptz(3),
  fired bigint NOT NULL,
  missed bigint NOT NULL,
  skipped bigint NOT NULL,
  dropped bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX schedule_next ON schedule (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE backfill (
  id text COLLATE "C" PRIMARY KEY,
  project_id text COLLATE "C" NOT NULL,
  dag_id text COLLATE "C" NOT NULL,
  from_at timestamptz(3) NOT NULL,
  to_at timestamptz(3) NOT NULL,
  max_active_runs integer NOT NULL CHECK (max_active_runs > 0),
  created_by text COLLATE "C",
  created_at timestamptz(3) NOT NULL,
  canceled_at timestamptz(3),
  cancel_reason text
);

CREATE TABLE backfill_run (
  run_id text COLLATE "C" PRIMARY KEY,
  backfill_id text COLLATE "C" NOT NULL
);
CREATE INDEX backfill_run_backfill ON backfill_run (backfill_id);

-- A time of a schedule fires once, whoever fires it.
CREATE UNIQUE INDEX run_fire ON run (dag_id, logical_date) WHERE trigger = 'SCHEDULE';
-- Nor is a time that a backfill is running run by another.
CREATE UNIQUE INDEX run_backfill ON run (dag_id, logical_date) WHERE trigger = 'BACKFILL' AND ended_at IS NULL;
CREATE INDEX run_logical_date ON run (dag_id, logical_date) WHERE logical_date IS NOT NULL;
CREATE INDEX run_in_line ON run (dag_id, logical_date, id) WHERE ended_at IS NULL AND trigger IN ('SCHEDULE', 'BACKFILL');

GRANT SELECT, INSERT, UPDATE, DELETE ON schedule, backfill, backfill_run TO dagbook_app;
`

/** When DAGs run by themselves. */
export class Schedules extends SqlMigration {
  override readonly scriptName = '0010-schedules'
  override readonly description = 'schedules and backfills'
  override readonly sql = SQL
}
