import type { Verdict } from '../../domain/dag/verdict.js'
import type { InstanceStatus } from '../../domain/run/status.js'

/** An instance as lists show it; its output is wide, and what its task says is the task's: both are read on their own. */
export interface InstanceRow {
  readonly id: string
  readonly runId: string
  readonly ordinal: number
  readonly taskId: string
  readonly taskKey: string
  readonly projectId: string
  readonly dagId: string | null
  readonly status: InstanceStatus
  /** Attempts so far. */
  readonly attempt: number
  readonly machineId: string | null
  readonly exitCode: number | null
  readonly errorMessage: string | null
  readonly cpuSeconds: number | null
  /** Null: not judged, or not yet. */
  readonly verdict: Verdict | null
  readonly createdAt: Date
  readonly queuedAt: Date | null
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  readonly updatedAt: Date
}

/** The columns of `instance i` as an InstanceRow. */
export const INSTANCE_COLUMNS = `i.id, i.run_id AS "runId", i.ordinal, i.task_id AS "taskId", i.task_key AS "taskKey",
    i.project_id AS "projectId", i.dag_id AS "dagId", i.status, i.attempt, i.machine_id AS "machineId",
    i.exit_code AS "exitCode", i.error_message AS "errorMessage", i.cpu_seconds AS "cpuSeconds", i.verdict,
    i.created_at AS "createdAt", i.queued_at AS "queuedAt", i.started_at AS "startedAt", i.ended_at AS "endedAt",
    i.updated_at AS "updatedAt"`
