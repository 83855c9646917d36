import { SqlMigration } from '../src/platform/sql-migration.js'

const SQL = `
-- One row per version of a template; none ever changes.
CREATE TABLE template (
  id text COLLATE "C" PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  engine text NOT NULL,
  task_type text,
  description text,
  definition json NOT NULL,
  parameters_schema json NOT NULL,
  checksum text NOT NULL,
  created_by text COLLATE "C",
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT template_version UNIQUE (name, version)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON template TO dagbook_app;

ALTER TABLE task
  ADD COLUMN template_id text COLLATE "C",
  -- What the task gives its template, defaults applied.
  ADD COLUMN inputs json;
`

/** Templates, and which tasks are made from them. */
export class Templates extends SqlMigration {
  override readonly scriptName = '0009-templates'
  override readonly description = 'templates of tasks'
  override readonly sql = SQL
}
