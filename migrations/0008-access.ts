import { SqlMigration } from '../src/platform/sql-migration.js'

const TOKENS = `
-- Tokens of programs. Only hashes are kept; an erased user's tokens stay as ids without one, for the history names them.
CREATE TABLE api_token (
  id text COLLATE "C" PRIMARY KEY,
  user_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  hash bytea UNIQUE CHECK (octet_length(hash) = 32),
  scopes text[] NOT NULL,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  last_used_at timestamptz(3),
  revoked_at timestamptz(3)
);
CREATE INDEX api_token_of_user ON api_token (user_id, created_at, id);

-- Where the commands of the API came from: no personal data in the journal, and an address in its audit all the same.
CREATE TABLE command_origin (
  command_id text COLLATE "C" PRIMARY KEY,
  actor text COLLATE "C" NOT NULL,
  ip_address text,
  user_agent text,
  recorded_at timestamptz(3) NOT NULL
);
CREATE INDEX command_origin_actor ON command_origin (actor);

GRANT SELECT, INSERT, UPDATE, DELETE ON api_token, command_origin TO dagbook_app;
`

const SECRETS = `
-- Values for tasks, encrypted. No projection: a rebuild leaves them alone.
CREATE TABLE secret (
  project_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  PRIMARY KEY (project_id, name)
);

-- What is to be masked in the output of an attempt, until it has ended: who takes it over has to know, too.
CREATE TABLE attempt_secret (
  instance_id text COLLATE "C" NOT NULL,
  attempt integer NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (instance_id, attempt)
);

-- How much of the stream a chunk stands for, where secrets in it were masked; null: as much as it holds.
ALTER TABLE output_chunk ADD COLUMN source_length integer CHECK (source_length >= 0);

GRANT SELECT, INSERT, UPDATE, DELETE ON secret, attempt_secret TO dagbook_app;
`

/**
 * The last statement of a transaction that takes rights from somebody, after the read side was written: one who looks
 * later sees what was committed meanwhile, so two who demote each other cannot both succeed.
 */
const LAST_ADMINISTRATOR = `
CREATE FUNCTION keep_an_administrator() RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7310579006);
  IF NOT EXISTS (SELECT FROM app_user WHERE role = 'ADMIN' AND is_active) THEN
    RAISE EXCEPTION 'The last active ADMIN has to stay' USING ERRCODE = 'check_violation', CONSTRAINT = 'last_administrator';
  END IF;
END $$;
REVOKE ALL ON FUNCTION keep_an_administrator FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_an_administrator TO dagbook_app;
`

/** Names that are given up and taken in one statement: checked when it has ended, not row by row. */
const NAMES = `
ALTER TABLE project DROP CONSTRAINT project_name,
  ADD CONSTRAINT project_name UNIQUE (name) DEFERRABLE INITIALLY IMMEDIATE;
`

const AUDIT = `
-- Changes by people and programs, which an audit reads: no progress of instances, of which there are most.
CREATE INDEX event_audit ON event (recorded_at, position)
  WHERE type NOT LIKE 'Instance%' OR type = 'InstanceForceRequested' OR type = 'InstanceCancelRequested';
CREATE INDEX access_log_user ON access_log (user_id, created_at, id);
`

/** API tokens, secrets, the last administrator, and what the audit log is read by. */
export class AccessSteps extends SqlMigration {
  override readonly scriptName = '0008-access'
  override readonly description = 'API tokens, secrets, where commands came from, the audit log'
  override readonly sql = `${TOKENS}${SECRETS}${LAST_ADMINISTRATOR}${NAMES}${AUDIT}`
}
