import { SqlMigration } from '../src/platform/sql-migration.js'

/**
 * The rows stay locked until the runs are committed: who archives or deletes at the same moment comes before them, and then
 * they are refused, or after them.
 */
const GUARD = `
CREATE FUNCTION keep_open(projects text[], dags text[]) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM project p WHERE p.id = ANY (projects) ORDER BY p.id FOR SHARE;
  PERFORM FROM dag d WHERE d.id = ANY (dags) ORDER BY d.id FOR SHARE;
  IF EXISTS (SELECT FROM project p WHERE p.id = ANY (projects) AND p.archived_at IS NOT NULL) THEN
    RAISE EXCEPTION 'Nothing begins in an archived project' USING ERRCODE = 'check_violation', CONSTRAINT = 'project_open';
  END IF;
  IF EXISTS (SELECT FROM dag d WHERE d.id = ANY (dags) AND d.deleted_at IS NOT NULL) THEN
    RAISE EXCEPTION 'A deleted DAG takes no new runs' USING ERRCODE = 'check_violation', CONSTRAINT = 'dag_open';
  END IF;
END $$;

REVOKE ALL ON FUNCTION keep_open FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_open TO dagbook_app;
`

/** Nothing begins in an archived project, or of a deleted DAG, whoever is there at the same moment. */
export class OpenProjects extends SqlMigration {
  override readonly scriptName = '0016-open-projects'
  override readonly description = 'what begins keeps its project from being archived until it is there'
  override readonly sql = GUARD
}
