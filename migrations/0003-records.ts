import { SqlMigration } from '../src/platform/sql-migration.js'

const PEOPLE = `
CREATE TABLE person (
  user_id text COLLATE "C" PRIMARY KEY,
  username text NOT NULL,
  email text,
  full_name text,
  password_hash text NOT NULL,
  last_login_at timestamptz(3),
  updated_at timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX person_username ON person (lower(username));
CREATE UNIQUE INDEX person_email ON person (lower(email)) WHERE email IS NOT NULL;

CREATE TABLE session (
  id text COLLATE "C" PRIMARY KEY,
  user_id text COLLATE "C" NOT NULL,
  login_at timestamptz(3) NOT NULL,
  logout_at timestamptz(3),
  last_activity_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  ip_address text,
  user_agent text
);
CREATE INDEX session_of_user ON session (user_id, login_at, id);

-- Refresh tokens rotate: each is used once, and one that comes back revokes its session. Only hashes are kept.
CREATE TABLE refresh_token (
  hash bytea PRIMARY KEY,
  session_id text COLLATE "C" NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL,
  used_at timestamptz(3)
);
CREATE INDEX refresh_token_session ON refresh_token (session_id);

-- Sign-ins, refusals and denials. Repeats of one account and address within a minute are one row with a count.
CREATE TABLE access_log (
  id text COLLATE "C" PRIMARY KEY,
  action text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('SUCCESS', 'FAILED', 'DENIED')),
  user_id text COLLATE "C",
  username text,
  ip_address text,
  user_agent text,
  details json NOT NULL,
  error_message text,
  repeat_count integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL,
  minute timestamptz NOT NULL,
  repeat_key bytea NOT NULL,
  UNIQUE (repeat_key, minute)
);
CREATE INDEX access_log_created ON access_log (created_at, id);
`

const OUTPUT = `
CREATE TABLE output_chunk (
  instance_id text COLLATE "C" NOT NULL,
  attempt integer NOT NULL,
  -- Of the bytes of both streams, in the order collected.
  byte_offset bigint NOT NULL,
  stream text COLLATE "C" NOT NULL CHECK (stream IN ('STDOUT', 'STDERR', 'SYSTEM')),
  -- Of this stream alone: where a collector goes on.
  stream_offset bigint NOT NULL,
  bytes bytea NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  PRIMARY KEY (instance_id, attempt, byte_offset),
  UNIQUE (instance_id, attempt, stream, stream_offset)
);
ALTER TABLE output_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL;
`

const NODES = `
-- One row per server process; its heartbeat is the lease of everything it dispatches.
CREATE TABLE node (
  id text COLLATE "C" PRIMARY KEY,
  host_identity text NOT NULL,
  hostname text NOT NULL,
  pid integer NOT NULL,
  pid_started_at text NOT NULL,
  roles text[] NOT NULL,
  version text NOT NULL,
  started_at timestamptz(3) NOT NULL,
  last_seen_at timestamptz(3) NOT NULL,
  lease_expires_at timestamptz(3) NOT NULL
);
`

const GRANTS = `
GRANT SELECT, INSERT, UPDATE, DELETE ON person, session, refresh_token, output_chunk, node TO dagbook_app;
GRANT SELECT, INSERT, UPDATE ON access_log TO dagbook_app;
GRANT DELETE ON command_result TO dagbook_app;
`

const SQL = `${PEOPLE}
${OUTPUT}
${NODES}
${GRANTS}`

/**
 * What is no projection and untouched by a rebuild: people and their sessions, collected output, the log of access, and
 * the servers that are alive.
 */
export class Records extends SqlMigration {
  override readonly scriptName = '0003-records'
  override readonly description = 'people, sessions, output, the log of access, servers'
  override readonly sql = SQL
}
