import { SqlMigration } from '../src/platform/sql-migration.js'

const MACHINES = `
ALTER TABLE machine
  DROP CONSTRAINT machine_kind_check,
  DROP CONSTRAINT machine_name,
  ADD CONSTRAINT machine_kind_check CHECK (kind IN ('LOCAL', 'SSH')),
  ADD COLUMN port integer CHECK (port BETWEEN 1 AND 65535),
  ADD COLUMN login_user text,
  -- Of the login's public half; the private one stands in machine_key.
  ADD COLUMN key_fingerprint text,
  ADD COLUMN labels text[] NOT NULL DEFAULT '{}',
  ADD COLUMN allowed_run_users text[] NOT NULL DEFAULT '{}',
  -- Whose work it takes; empty: every project's.
  ADD COLUMN project_ids text[] NOT NULL DEFAULT '{}',
  -- The key is null where only its fingerprint was approved and the host has not shown it yet.
  ADD COLUMN host_key text,
  ADD COLUMN host_key_fingerprint text,
  -- What the host showed when it was last refused.
  ADD COLUMN offered_host_key text,
  ADD COLUMN offered_host_key_fingerprint text,
  ADD COLUMN is_quarantined boolean NOT NULL DEFAULT false,
  ADD COLUMN kernel text,
  ADD COLUMN spool_machine_id text,
  ADD COLUMN spool_id text,
  ADD COLUMN removed_at timestamptz(3);
CREATE UNIQUE INDEX machine_name ON machine (name) WHERE removed_at IS NULL;
`

const RECORDS = `
-- Logins' private keys, encrypted. No projection: a rebuild leaves them alone.
CREATE TABLE machine_key (
  machine_id text COLLATE "C" PRIMARY KEY,
  sealed bytea NOT NULL,
  updated_at timestamptz(3) NOT NULL
);

-- When dispatchers reached machines over SSH, and how they failed to.
CREATE TABLE machine_contact (
  machine_id text COLLATE "C" PRIMARY KEY,
  reached_at timestamptz(3),
  failed_at timestamptz(3),
  error text
) WITH (fillfactor = 50);

GRANT SELECT, INSERT, UPDATE, DELETE ON machine_key, machine_contact TO dagbook_app;
`

/** Machines over SSH: how they are reached, which keys they have, and when they answered last. */
export class Machines extends SqlMigration {
  override readonly scriptName = '0006-machines'
  override readonly description = 'machines over SSH'
  override readonly sql = `${MACHINES}${RECORDS}`
}
