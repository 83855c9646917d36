import { SqlMigration } from '../src/platform/sql-migration.js'

const PEOPLE = `
CREATE TABLE app_user (
  id text COLLATE "C" PRIMARY KEY,
  version integer NOT NULL,
  role text NOT NULL CHECK (role IN ('ADMIN', 'USER')),
  permissions text[] NOT NULL,
  is_active boolean NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
);

CREATE TABLE project (
  id text COLLATE "C" PRIMARY KEY,
  version integer NOT NULL,
  name text NOT NULL CONSTRAINT project_name UNIQUE,
  description text NOT NULL,
  created_by text COLLATE "C",
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  archived_at timestamptz(3),
  has_legal_hold boolean NOT NULL DEFAULT false
);

CREATE TABLE project_member (
  project_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  role text NOT NULL CHECK (role IN ('VIEWER', 'OPERATOR', 'EDITOR', 'OWNER')),
  granted_at timestamptz(3) NOT NULL,
  PRIMARY KEY (user_id, project_id)
);
CREATE INDEX project_member_project ON project_member (project_id);
`

const DEFINITIONS = `
CREATE TABLE dag (
  id text COLLATE "C" PRIMARY KEY,
  version integer NOT NULL,
  project_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  description text,
  task_type text,
  is_enabled boolean NOT NULL,
  skip_failed boolean NOT NULL,
  latest_version_id text COLLATE "C" NOT NULL,
  latest_number integer NOT NULL,
  created_by text COLLATE "C",
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  deleted_at timestamptz(3)
);
CREATE UNIQUE INDEX dag_name ON dag (project_id, name) WHERE deleted_at IS NULL;

CREATE TABLE dag_version (
  id text COLLATE "C" PRIMARY KEY,
  dag_id text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  source text NOT NULL,
  definition json NOT NULL,
  checksum text NOT NULL,
  published_by text COLLATE "C",
  published_at timestamptz(3) NOT NULL,
  UNIQUE (dag_id, number)
);

-- One row per task of a plan: that of a DAG version, or of a run that carries its own.
CREATE TABLE task (
  id text COLLATE "C" PRIMARY KEY,
  plan_id text COLLATE "C" NOT NULL,
  ordinal integer NOT NULL,
  project_id text COLLATE "C" NOT NULL,
  dag_id text COLLATE "C",
  dag_version_id text COLLATE "C",
  key text COLLATE "C" NOT NULL,
  name text NOT NULL,
  execution_order integer NOT NULL,
  needs integer[] NOT NULL,
  trigger_rule text NOT NULL,
  condition text,
  engine text NOT NULL,
  queue text NOT NULL,
  machine text,
  cpu double precision NOT NULL,
  memory_bytes bigint NOT NULL,
  priority integer NOT NULL,
  tags text[] NOT NULL,
  timeout_ms bigint,
  grace_ms bigint NOT NULL,
  retry json NOT NULL,
  is_idempotent boolean NOT NULL,
  action json NOT NULL,
  created_at timestamptz(3) NOT NULL,
  UNIQUE (plan_id, ordinal)
);
CREATE INDEX task_key ON task (dag_id, key);
`

const CAPACITY = `
CREATE TABLE pool (
  id text COLLATE "C" PRIMARY KEY,
  version integer NOT NULL,
  name text NOT NULL CONSTRAINT pool_name UNIQUE,
  status text NOT NULL CHECK (status IN ('ACTIVE', 'PAUSED')),
  total_cpu double precision NOT NULL CHECK (total_cpu >= 0),
  total_memory_bytes bigint NOT NULL CHECK (total_memory_bytes >= 0),
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
);

CREATE TABLE queue (
  id text COLLATE "C" PRIMARY KEY,
  version integer NOT NULL,
  name text NOT NULL CONSTRAINT queue_name UNIQUE,
  status text NOT NULL CHECK (status IN ('OPEN', 'PAUSED', 'DRAINING')),
  capacity integer NOT NULL CHECK (capacity >= 0),
  priority integer NOT NULL,
  pool_id text COLLATE "C" NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
);

CREATE TABLE machine (
  id text COLLATE "C" PRIMARY KEY,
  version integer NOT NULL,
  name text NOT NULL CONSTRAINT machine_name UNIQUE,
  kind text NOT NULL CHECK (kind IN ('LOCAL')),
  host text NOT NULL,
  -- Which host and which spool a local machine is; a server elsewhere never touches it.
  host_identity text,
  pool_id text COLLATE "C" NOT NULL,
  slots integer NOT NULL CHECK (slots >= 0),
  cpu_count integer,
  memory_bytes bigint,
  is_draining boolean NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
);
`

const RUNS = `
CREATE TABLE run (
  id text COLLATE "C" PRIMARY KEY,
  version integer NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  description text,
  project_id text COLLATE "C" NOT NULL,
  dag_id text COLLATE "C",
  dag_version_id text COLLATE "C",
  plan_id text COLLATE "C" NOT NULL,
  status text NOT NULL,
  trigger text NOT NULL,
  parameters json NOT NULL,
  logical_date timestamptz(3),
  tags text[] NOT NULL,
  priority integer NOT NULL,
  max_parallel integer,
  created_by text COLLATE "C",
  created_at timestamptz(3) NOT NULL,
  started_at timestamptz(3),
  ended_at timestamptz(3),
  updated_at timestamptz(3) NOT NULL,
  timeout_ms bigint,
  -- When the run's timeout strikes; null where it has none, or has not started.
  timeout_at timestamptz(3),
  error_message text,
  parent_run_id text COLLATE "C",
  root_run_id text COLLATE "C" NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX run_created ON run (created_at, id);
CREATE INDEX run_project ON run (project_id, created_at, id);
CREATE INDEX run_dag ON run (dag_id, created_at, id);
CREATE INDEX run_parent ON run (parent_run_id) WHERE parent_run_id IS NOT NULL;
CREATE INDEX run_timeout ON run (timeout_at) WHERE ended_at IS NULL AND timeout_at IS NOT NULL;
CREATE INDEX run_open ON run (dag_id) WHERE ended_at IS NULL;

CREATE TABLE instance (
  id text COLLATE "C" PRIMARY KEY,
  run_id text COLLATE "C" NOT NULL,
  ordinal integer NOT NULL,
  task_id text COLLATE "C" NOT NULL,
  task_key text COLLATE "C" NOT NULL,
  project_id text COLLATE "C" NOT NULL,
  dag_id text COLLATE "C",
  status text NOT NULL,
  attempt integer NOT NULL DEFAULT 0,
  fence integer,
  machine_id text COLLATE "C",
  node_id text COLLATE "C",
  exit_code integer,
  error_message text,
  output json,
  cpu_seconds double precision,
  created_at timestamptz(3) NOT NULL,
  queued_at timestamptz(3),
  started_at timestamptz(3),
  ended_at timestamptz(3),
  updated_at timestamptz(3) NOT NULL,
  retry_at timestamptz(3),
  -- A cancel or a forced end has been asked for; the dispatcher stops the attempt.
  is_stopping boolean NOT NULL DEFAULT false,
  forced_because text,
  reused_from text COLLATE "C",
  -- Of an element of a forEach.
  item json,
  UNIQUE (run_id, ordinal)
) WITH (fillfactor = 50);
CREATE INDEX instance_retry ON instance (retry_at) WHERE retry_at IS NOT NULL;

CREATE TABLE attempt (
  instance_id text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  fence integer NOT NULL,
  status text NOT NULL,
  machine_id text COLLATE "C",
  node_id text COLLATE "C" NOT NULL,
  pid integer,
  dispatched_at timestamptz(3) NOT NULL,
  started_at timestamptz(3),
  ended_at timestamptz(3),
  exit_code integer,
  error_message text,
  cpu_seconds double precision,
  PRIMARY KEY (instance_id, number)
) WITH (fillfactor = 50);
`

const WAITING = `
-- Instances that wait for capacity, in lanes (queue, project, placement), each in the order of its rank.
CREATE TABLE queue_entry (
  instance_id text COLLATE "C" PRIMARY KEY,
  run_id text COLLATE "C" NOT NULL,
  task_key text COLLATE "C" NOT NULL,
  queue text COLLATE "C" NOT NULL,
  project_id text COLLATE "C" NOT NULL,
  -- '' any machine of the queue's pool; '-' none needed; else the machine's name.
  placement text COLLATE "C" NOT NULL,
  rank timestamptz NOT NULL,
  cpu double precision NOT NULL,
  memory_bytes bigint NOT NULL,
  is_held boolean NOT NULL,
  queued_at timestamptz(3) NOT NULL
);
CREATE INDEX queue_entry_lane ON queue_entry (queue, project_id, placement, rank, instance_id) WHERE NOT is_held;

-- Instances that hold capacity: capacity in use is counted from these rows, it is never a counter.
CREATE TABLE queue_hold (
  instance_id text COLLATE "C" PRIMARY KEY,
  run_id text COLLATE "C" NOT NULL,
  task_key text COLLATE "C" NOT NULL,
  queue text COLLATE "C" NOT NULL,
  fence integer NOT NULL,
  node_id text COLLATE "C" NOT NULL,
  machine_id text COLLATE "C",
  cpu double precision NOT NULL,
  memory_bytes bigint NOT NULL
);
CREATE INDEX queue_hold_queue ON queue_hold (queue);
CREATE INDEX queue_hold_machine ON queue_hold (machine_id) WHERE machine_id IS NOT NULL;
CREATE INDEX queue_hold_node ON queue_hold (node_id);
`

const GRANTS = `
GRANT SELECT, INSERT, UPDATE, DELETE ON app_user, project, project_member, dag, dag_version, task, pool, queue, machine,
  run, instance, attempt, queue_entry, queue_hold TO dagbook_app;
`

const SQL = `${PEOPLE}
${DEFINITIONS}
${CAPACITY}
${RUNS}
${WAITING}
${GRANTS}`

/** The read side: every table here can be computed again from the journal, by name and row. */
export class Projections extends SqlMigration {
  override readonly scriptName = '0002-projections'
  override readonly description = 'the read side: people, definitions, capacity, runs, and who waits'
  override readonly sql = SQL
}
