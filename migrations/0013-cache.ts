import { SqlMigration } from '../src/platform/sql-migration.js'

/** The data cache of runs, where no Redis holds it. No projection: a rebuild leaves it. */
const SQL = `
CREATE TABLE cache_entry (
  run_id text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  type text NOT NULL CHECK (type IN ('STRING', 'NUMBER', 'BOOLEAN', 'JSON', 'BINARY')),
  value json NOT NULL,
  -- Of the value as JSON.
  bytes integer NOT NULL,
  expires_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  PRIMARY KEY (run_id, key)
);
CREATE INDEX cache_entry_expires ON cache_entry (expires_at) WHERE expires_at IS NOT NULL;

-- Idempotency keys of changes of the cache, wherever it is kept.
CREATE TABLE cache_call (
  key text COLLATE "C" PRIMARY KEY,
  body_hash bytea NOT NULL,
  recorded_at timestamptz(3) NOT NULL
);
CREATE INDEX cache_call_recorded ON cache_call (recorded_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON cache_entry, cache_call TO dagbook_app;
`

/** What tasks of a run keep for each other. */
export class RunCaches extends SqlMigration {
  override readonly scriptName = '0013-cache'
  override readonly description = 'the data cache of runs'
  override readonly sql = SQL
}
