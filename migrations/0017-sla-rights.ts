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

const SHARES = `
-- Whose it is, as of its breach: no project holds more than its share of what is being done.
ALTER TABLE sla_delivery ADD COLUMN audience text COLLATE "C" NOT NULL DEFAULT 'platform';
UPDATE sla_delivery d SET audience = b.audience FROM sla_breach b WHERE b.id = d.breach_id;
ALTER TABLE sla_delivery ALTER COLUMN audience DROP DEFAULT;

CREATE FUNCTION keep_few_slas(project text) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  -- One who looks later sees what was committed meanwhile.
  PERFORM pg_advisory_xact_lock(7310579017);
  IF (SELECT count(*) FROM sla WHERE audience = project AND deleted_at IS NULL) > 100 THEN
    RAISE EXCEPTION 'A project has at most 100 SLAs' USING ERRCODE = 'check_violation', CONSTRAINT = 'sla_limit';
  END IF;
END $$;
REVOKE ALL ON FUNCTION keep_few_slas FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_few_slas TO dagbook_app;
`

/** Who is told, in whose name things are done, and how much of it is one project's. */
export class SlaRights extends SqlMigration {
  override readonly scriptName = '0017-sla-rights'
  override readonly description = 'letters to one recipient each, authors of SLAs, shares of projects'
  override readonly sql = `${LETTERS}${AUTHORS}${SHARES}`
}
