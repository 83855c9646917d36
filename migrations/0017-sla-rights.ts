import { SqlMigration } from '../src/platform/sql-migration.js'

const LETTERS = `
-- Of a letter to many: the places of those in its list who have it, so that another try writes to the others alone.
ALTER TABLE sla_delivery ADD COLUMN told integer[] NOT NULL DEFAULT '{}';
`

const AUTHORS = `
-- The actor of the event that set it last: what it does needs that one's rights, as they are then.
ALTER TABLE sla ADD COLUMN author text COLLATE "C";
UPDATE sla SET author = (
  SELECT e.actor FROM event e JOIN stream t ON t.id = e.stream_id AND e.position BETWEEN t.first_position AND t.last_position
  WHERE t.id = sla.id AND e.type IN ('SlaCreated', 'SlaSettingsChanged') ORDER BY e.version DESC LIMIT 1);
ALTER TABLE sla ALTER COLUMN author SET NOT NULL;
`

/** Who is told, and in whose name things are done. */
export class SlaRights extends SqlMigration {
  override readonly scriptName = '0017-sla-rights'
  override readonly description = 'letters to one recipient each, authors of SLAs'
  override readonly sql = `${LETTERS}${AUTHORS}`
}
