import { SqlMigration } from '../src/platform/sql-migration.js'

/**
 * What attempts use: samples while they run, and what these come to at their end. Samples are no projection. One is told
 * apart by the host's uptime, so that what is told twice is stored once; a page of a curve is a range of the primary key.
 */
const SQL = `
CREATE TABLE metric_sample (
  instance_id text COLLATE "C" NOT NULL,
  attempt integer NOT NULL,
  -- Of the attempt's host, in hundredths of seconds.
  uptime bigint NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  -- The time that cpu_percent is the average of, and that the sample stands for.
  covered_ms bigint NOT NULL,
  cpu_percent float8 NOT NULL,
  memory_bytes bigint NOT NULL,
  threads integer NOT NULL,
  processes integer NOT NULL,
  disk_read_bytes bigint,
  disk_write_bytes bigint,
  host_cpus integer NOT NULL,
  host_memory_bytes bigint,
  host_available_bytes bigint,
  PRIMARY KEY (instance_id, attempt, uptime)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON metric_sample TO dagbook_app;

ALTER TABLE attempt
  ADD COLUMN average_memory_mb float8,
  ADD COLUMN peak_memory_mb float8,
  ADD COLUMN average_cpu_percent float8;
`

/** Samples of what attempts use, and their sums. */
export class Metrics extends SqlMigration {
  override readonly scriptName = '0012-metrics'
  override readonly description = 'what attempts use'
  override readonly sql = SQL
}
