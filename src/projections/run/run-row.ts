import type { RunKind, RunTrigger } from '../../domain/run/events.js'
import type { RunStatus } from '../../domain/run/status.js'

/** A run as lists show it; its parameters are wide and read on their own. */
export interface RunRow {
  readonly id: string
  readonly version: number
  readonly kind: RunKind
  readonly name: string
  readonly description: string | null
  readonly projectId: string
  readonly dagId: string | null
  readonly dagVersionId: string | null
  /** Whose tasks it has: its DAG version's, or its own. */
  readonly planId: string
  readonly status: RunStatus
  readonly trigger: RunTrigger
  readonly logicalDate: Date | null
  readonly tags: readonly string[]
  readonly priority: number
  readonly maxParallel: number | null
  readonly createdById: string | null
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  readonly updatedAt: Date
  readonly errorMessage: string | null
  readonly parentRunId: string | null
  readonly rootRunId: string
}

/** The columns of `run r` as a RunRow. */
export const RUN_COLUMNS = `r.id, r.version, r.kind, r.name, r.description, r.project_id AS "projectId", r.dag_id AS "dagId",
    r.dag_version_id AS "dagVersionId", r.plan_id AS "planId", r.status, r.trigger, r.logical_date AS "logicalDate", r.tags,
    r.priority, r.max_parallel AS "maxParallel", r.created_by AS "createdById", r.created_at AS "createdAt",
    r.started_at AS "startedAt", r.ended_at AS "endedAt", r.updated_at AS "updatedAt",
    r.error_message AS "errorMessage", r.parent_run_id AS "parentRunId", r.root_run_id AS "rootRunId"`
