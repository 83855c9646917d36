import type { Reader } from '../list.js'

/** What has to be done about a run that a schedule or a backfill asked for. */
export interface LineStep {
  readonly runId: string
  readonly step: 'START' | 'CANCEL'
  readonly reason: string | null
}

/**
 * The runs of one schedule, or of one backfill, stand in line by their logical date. So many may be under way at a time:
 * one, or what the backfill says, or any number where the policy is not to wait. A queued run that is among the first whose
 * turn it is starts, the order being the same whoever looks and whenever: so to start it twice, or late, does no harm.
 * Canceled are the open runs of a canceled backfill, those before a newer one where the policy is to cancel them, and what
 * still waits of a DAG that was deleted or of a project that was archived.
 */
const STEPS = `
  WITH line AS (
    SELECT r.id, r.status, r.logical_date, coalesce(b.id, r.dag_id) AS line, b.canceled_at, b.cancel_reason, r.trigger,
      d.deleted_at IS NOT NULL AS is_deleted, p.archived_at IS NOT NULL AS is_archived,
      r.trigger = 'SCHEDULE' AND s.schedule->>'overlapPolicy' IN ('CANCEL_OTHER', 'TERMINATE_OTHER') AND EXISTS (
        SELECT FROM run n WHERE n.dag_id = r.dag_id AND n.trigger = 'SCHEDULE' AND n.logical_date > r.logical_date)
        AS is_superseded,
      CASE WHEN r.trigger = 'BACKFILL' THEN b.max_active_runs
        WHEN s.schedule->>'overlapPolicy' IN ('ALLOW_ALL', 'TERMINATE_OTHER') THEN 1000000 ELSE 1 END AS room
    FROM run r
    JOIN dag d ON d.id = r.dag_id
    JOIN project p ON p.id = r.project_id
    LEFT JOIN backfill_run br ON r.trigger = 'BACKFILL' AND br.run_id = r.id
    LEFT JOIN backfill b ON b.id = br.backfill_id
    LEFT JOIN schedule s ON r.trigger = 'SCHEDULE' AND s.dag_id = r.dag_id
    WHERE r.ended_at IS NULL AND r.trigger IN ('SCHEDULE', 'BACKFILL')
  ), placed AS (
    SELECT *, count(*) FILTER (WHERE status <> 'QUEUED') OVER (PARTITION BY line, trigger) AS active,
      row_number() OVER (PARTITION BY line, trigger, status = 'QUEUED' ORDER BY logical_date, id) AS place
    FROM line
  ), judged AS (
    SELECT *, CASE WHEN canceled_at IS NOT NULL THEN coalesce(cancel_reason, 'The backfill was canceled')
      WHEN is_superseded THEN 'The schedule fired again'
      WHEN status = 'QUEUED' AND is_deleted THEN 'The DAG was deleted'
      WHEN status = 'QUEUED' AND is_archived THEN 'The project was archived' END AS reason
    FROM placed
  )
  SELECT id AS "runId", CASE WHEN reason IS NULL THEN 'START' ELSE 'CANCEL' END AS step, reason
  FROM judged
  WHERE (reason IS NOT NULL AND status <> 'CANCELING') OR (reason IS NULL AND status = 'QUEUED' AND active + place <= room)
  ORDER BY logical_date, id LIMIT $1::integer`

/** The next steps, at most `limit`. */
export async function runsInLine(db: Reader, limit: number): Promise<LineStep[]> {
  return (await db.query<LineStep>({ name: 'runs-in-line', text: STEPS, values: [limit] })).rows
}
