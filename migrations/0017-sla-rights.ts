import { SqlMigration } from '../src/platform/sql-migration.js'

const LETTERS = `
-- Of a letter to many: the places of those in its list who have it, so that another try writes to the others alone.
ALTER TABLE sla_delivery ADD COLUMN told integer[] NOT NULL DEFAULT '{}';
`

/** Who is told. */
export class SlaRights extends SqlMigration {
  override readonly scriptName = '0017-sla-rights'
  override readonly description = 'letters to one recipient each'
  override readonly sql = LETTERS
}
