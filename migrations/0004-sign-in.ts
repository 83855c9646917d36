import { SqlMigration } from '../src/platform/sql-migration.js'

const SQL = `
-- Sign-ins that failed lately, by account and by address: who fails often waits longer each time, on every server and
-- after a restart.
CREATE TABLE sign_in_failure (
  key text COLLATE "C" PRIMARY KEY,
  failures integer NOT NULL CHECK (failures >= 0),
  blocked_until timestamptz(3) NOT NULL,
  failed_at timestamptz(3) NOT NULL
);
CREATE INDEX sign_in_failure_age ON sign_in_failure (failed_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_failure TO dagbook_app;
`

/** What slows down whoever guesses passwords. */
export class SignIn extends SqlMigration {
  override readonly scriptName = '0004-sign-in'
  override readonly description = 'failed sign-ins, by account and address'
  override readonly sql = SQL
}
