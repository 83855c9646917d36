import { SqlMigration } from '../src/platform/sql-migration.js'

/**
 * Verdicts and scripts. A path may be longer than an index takes, so scripts and modules are found by their hash. The index
 * of verdicts holds what was judged and nothing else: an instance that is not stays out of it, and its updates on their page.
 */
const SQL = `
ALTER TABLE instance
  -- Null: it was not judged, or has not ended.
  ADD COLUMN verdict text CHECK (verdict IN ('PASS', 'FAIL', 'UNKNOWN'));
CREATE INDEX instance_verdict ON instance (project_id, verdict, created_at, run_id, ordinal)
  WHERE verdict IN ('PASS', 'FAIL');

ALTER TABLE task
  -- Of the engine script only.
  ADD COLUMN script_path text COLLATE "C",
  ADD COLUMN module text COLLATE "C";
UPDATE task SET script_path = action->>'command',
  module = nullif(nullif(regexp_replace(substring(action->>'command' FROM '^(.*)/[^/]*$'), '^(\\./)+', ''), ''), '.')
WHERE engine = 'script';
CREATE INDEX task_script ON task (project_id, md5(script_path), created_at) WHERE script_path IS NOT NULL;
CREATE INDEX task_module ON task (plan_id, md5(module)) WHERE module IS NOT NULL;
-- From a task to the runs of its plan.
CREATE INDEX run_plan ON run (plan_id, created_at, id);

ALTER TABLE queue_entry
  -- When its task's queueTimeout strikes; null: it may wait for ever.
  ADD COLUMN expires_at timestamptz(3);
CREATE INDEX queue_entry_expires ON queue_entry (expires_at) WHERE expires_at IS NOT NULL;
`

/** What scripts found out, and how long an instance may wait. */
export class Batches extends SqlMigration {
  override readonly scriptName = '0014-batches'
  override readonly description = 'verdicts, scripts, and time limits in queues'
  override readonly sql = SQL
}
