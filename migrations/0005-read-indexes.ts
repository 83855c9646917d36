import { SqlMigration } from '../src/platform/sql-migration.js'

/**
 * A list of several projects or DAGs is merged from one index scan for each, so every order has an index that begins
 * with the project and one that begins with the DAG. Instances have none of these: they were made with their run, so
 * the run's index leads to them in order, run by run (six indexes on `instance` took half the time of a run's request).
 * No index on it names a column that changes while a no-op runs: its updates stay on their page (HOT). A machine's index
 * does cost the update that assigns the machine, which is nothing beside the start of a process.
 */
const SQL = `
CREATE INDEX run_project_started ON run (project_id, (coalesce(started_at, '9999-12-31 00:00:00+00'::timestamptz)), id);
CREATE INDEX run_dag_started ON run (dag_id, (coalesce(started_at, '9999-12-31 00:00:00+00'::timestamptz)), id);
CREATE INDEX run_project_ended ON run (project_id, (coalesce(ended_at, '9999-12-31 00:00:00+00'::timestamptz)), id);
CREATE INDEX run_dag_ended ON run (dag_id, (coalesce(ended_at, '9999-12-31 00:00:00+00'::timestamptz)), id);
CREATE INDEX run_project_duration ON run
  (project_id, (coalesce(extract(epoch FROM ended_at - started_at)::double precision, 1e12::double precision)), id);
CREATE INDEX run_dag_duration ON run
  (dag_id, (coalesce(extract(epoch FROM ended_at - started_at)::double precision, 1e12::double precision)), id);
CREATE INDEX run_unfinished ON run (id) WHERE ended_at IS NULL;

CREATE INDEX instance_machine ON instance (machine_id, created_at, run_id, ordinal) WHERE machine_id IS NOT NULL;

CREATE INDEX dag_project ON dag (project_id, id);
CREATE UNIQUE INDEX task_plan_key ON task (plan_id, key);
CREATE INDEX queue_pool ON queue (pool_id, name);
CREATE INDEX machine_pool ON machine (pool_id, name);

-- What the last comparison of each read model with a replay of the journal found. Not a projection itself.
CREATE TABLE projection_check (
  name text COLLATE "C" PRIMARY KEY,
  matches_replay boolean NOT NULL,
  position bigint NOT NULL,
  checked_at timestamptz(3) NOT NULL
);
GRANT SELECT ON projection_check TO dagbook_app;
`

/** What the API's lists are read by. */
export class ReadIndexes extends SqlMigration {
  override readonly scriptName = '0005-read-indexes'
  override readonly description = 'indexes for the lists of the API, and what checks of the read side found'
  override readonly sql = SQL
}
