import { SqlMigration } from '../src/platform/sql-migration.js'

/**
 * SLAs, their breaches, and what is done about these. `sla` and `sla_breach` are computed from the journal; the reactor's
 * cursor and the log of deliveries are not, so a rebuild does nothing a second time. `audience` says who may see a row: a
 * project's id, `capacity` for whoever is signed in, `platform` for administrators.
 */
const SQL = `
CREATE TABLE sla (
  id text COLLATE "C" PRIMARY KEY,
  -- Of the event that set it last; breaches do not count.
  version integer NOT NULL,
  name text NOT NULL,
  audience text COLLATE "C" NOT NULL,
  project_id text COLLATE "C",
  dag_id text COLLATE "C",
  task_key text COLLATE "C",
  queue_id text COLLATE "C",
  pool_id text COLLATE "C",
  conditions jsonb NOT NULL,
  actions jsonb NOT NULL,
  priority integer NOT NULL,
  is_enabled boolean NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  -- Its breaches stay.
  deleted_at timestamptz(3)
);
CREATE UNIQUE INDEX sla_name ON sla (name) WHERE deleted_at IS NULL;
CREATE INDEX sla_audience ON sla (audience, name) WHERE deleted_at IS NULL;
CREATE INDEX sla_pool ON sla (pool_id, name) WHERE pool_id IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE sla_breach (
  id text COLLATE "C" PRIMARY KEY,
  sla_id text COLLATE "C" NOT NULL,
  audience text COLLATE "C" NOT NULL,
  subject_id text COLLATE "C" NOT NULL,
  run_id text COLLATE "C",
  instance_id text COLLATE "C",
  facts jsonb NOT NULL,
  breached_at timestamptz(3) NOT NULL,
  resolved_at timestamptz(3)
);
CREATE INDEX sla_breach_sla ON sla_breach (sla_id, breached_at, id);
CREATE INDEX sla_breach_audience ON sla_breach (audience, breached_at, id);
CREATE INDEX sla_breach_time ON sla_breach (breached_at, id);
CREATE INDEX sla_breach_open ON sla_breach (audience, breached_at, id) WHERE resolved_at IS NULL;
CREATE INDEX sla_breach_open_time ON sla_breach (breached_at, id) WHERE resolved_at IS NULL;

-- How far a reactor has read the journal.
CREATE TABLE reactor_cursor (
  name text PRIMARY KEY,
  position bigint NOT NULL
);
INSERT INTO reactor_cursor (name, position)
  SELECT 'sla', coalesce((SELECT position FROM event ORDER BY position DESC LIMIT 1), 0);

-- One row for each action of each breach, and one more where its end is told: what is owed, and what became of it.
CREATE TABLE sla_delivery (
  breach_id text COLLATE "C" NOT NULL,
  action_index integer NOT NULL,
  occasion text NOT NULL CHECK (occasion IN ('BREACHED', 'RESOLVED')),
  action jsonb NOT NULL,
  priority integer NOT NULL,
  status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'DONE', 'FAILED', 'SKIPPED')),
  attempts integer NOT NULL DEFAULT 0,
  -- When it is tried (again); while it is being tried, when others take that for lost.
  next_try_at timestamptz(3) NOT NULL,
  response_code integer,
  message text,
  created_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  PRIMARY KEY (breach_id, action_index, occasion)
);
CREATE INDEX sla_delivery_pending ON sla_delivery (next_try_at) WHERE status = 'PENDING';

GRANT SELECT, INSERT, UPDATE, DELETE ON sla, sla_breach, sla_delivery TO dagbook_app;
GRANT SELECT, UPDATE ON reactor_cursor TO dagbook_app;
`

/** What is watched, and what is done when it breaks. */
export class Slas extends SqlMigration {
  override readonly scriptName = '0015-slas'
  override readonly description = 'SLAs, their breaches and deliveries'
  override readonly sql = SQL
}
