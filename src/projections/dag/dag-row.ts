/** A DAG as lists show it. */
export interface DagRow {
  readonly id: string
  readonly projectId: string
  readonly name: string
  readonly description: string | null
  readonly taskType: string | null
  readonly isEnabled: boolean
  readonly skipFailed: boolean
  readonly latestVersionId: string
  readonly createdById: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  /** Since then only its history is there. */
  readonly deletedAt: Date | null
}

/** The columns of `dag d` as a DagRow. */
export const DAG_COLUMNS = `d.id, d.project_id AS "projectId", d.name, d.description, d.task_type AS "taskType",
    d.is_enabled AS "isEnabled", d.skip_failed AS "skipFailed", d.latest_version_id AS "latestVersionId",
    d.created_by AS "createdById", d.created_at AS "createdAt", d.updated_at AS "updatedAt",
    d.deleted_at AS "deletedAt"`

/** RUNNING: a run has not ended. Otherwise by the last run; the same words as the API's DagState. */
export const DAG_STATE = `CASE
    WHEN EXISTS (SELECT FROM run r WHERE r.dag_id = d.id AND r.ended_at IS NULL) THEN 'RUNNING'
    ELSE coalesce((SELECT CASE WHEN r.status IN ('FAILED', 'TIMED_OUT') THEN 'FAILED' ELSE 'TERMINATED' END
      FROM run r WHERE r.dag_id = d.id ORDER BY r.created_at DESC, r.id DESC LIMIT 1), 'NOT_RUNNING') END`

export type DagState = 'NOT_RUNNING' | 'RUNNING' | 'FAILED' | 'TERMINATED'
