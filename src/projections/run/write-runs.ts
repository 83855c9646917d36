import type { Plan } from '../../domain/dag/plan.js'
import type { RunRequested } from '../../domain/run/events.js'
import type { Statement } from '../../platform/statement.js'
import { columns } from '../projection.js'
import type { RunChange } from './fold-run.js'

export interface NewRun {
  readonly change: RunChange
  readonly request: RunRequested
  readonly plan: Plan
  readonly createdAt: Date
}

const INSERT = `
  INSERT INTO run (id, version, kind, name, project_id, dag_id, dag_version_id, plan_id, status, trigger, parameters,
    logical_date, tags, priority, max_parallel, created_by, created_at, started_at, ended_at, updated_at, timeout_ms,
    timeout_at, error_message, parent_run_id, root_run_id, description)
  SELECT id, version, kind, name, project, dag, dag_version, coalesce(dag_version, id), status, trigger, parameters,
    logical_date, ARRAY(SELECT json_array_elements_text(tags)), priority, max_parallel, created_by, created_at,
    started_at, ended_at, updated_at, timeout_ms, started_at + make_interval(secs => timeout_ms / 1000.0), error_message,
    parent, root, description
  FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::json[], $11::timestamptz[], $12::json[], $13::integer[], $14::integer[], $15::text[],
    $16::timestamptz[], $17::timestamptz[], $18::timestamptz[], $19::timestamptz[], $20::bigint[], $21::text[],
    $22::text[], $23::text[], $24::text[])
    AS r(id, version, kind, name, project, dag, dag_version, status, trigger, parameters, logical_date, tags, priority,
      max_parallel, created_by, created_at, started_at, ended_at, updated_at, timeout_ms, error_message, parent, root,
      description)`

/** The rows of runs that the batch begins. */
export function insertRuns(runs: readonly NewRun[]): Statement[] {
  if (runs.length === 0) return []
  const values = columns(
    runs,
    ({ change }) => change.id,
    ({ change }) => change.version,
    ({ request }) => request.kind,
    ({ request }) => request.name,
    ({ request }) => request.projectId,
    ({ request }) => request.dagId,
    ({ request }) => request.dagVersionId,
    ({ change }) => change.status,
    ({ request }) => request.trigger,
    ({ request }) => JSON.stringify(request.parameters),
    ({ request }) => request.logicalDate,
    ({ request, plan }) => JSON.stringify([...new Set([...plan.tags, ...request.tags])]),
    ({ change, request }) => change.priority ?? request.priority,
    ({ plan }) => plan.maxParallel,
    ({ change }) => change.createdBy,
    ({ createdAt }) => createdAt,
    ({ change }) => change.startedAt,
    ({ change }) => change.endedAt,
    ({ change }) => change.updatedAt,
    ({ plan }) => plan.timeoutMs,
    ({ change }) => change.errorMessage,
    ({ request }) => request.parentRunId,
    ({ request }) => request.rootRunId,
    ({ request }) => request.description ?? null,
  )
  return [{ name: 'insert-runs', text: INSERT, values }]
}

const UPDATE = `
  UPDATE run SET version = u.version, status = coalesce(u.status, run.status),
    started_at = coalesce(u.started_at, run.started_at), ended_at = u.ended_at, updated_at = u.updated_at,
    error_message = coalesce(u.error_message, run.error_message), priority = coalesce(u.priority, run.priority),
    timeout_at = coalesce(run.timeout_at, u.started_at + make_interval(secs => run.timeout_ms / 1000.0))
  FROM unnest($1::text[], $2::integer[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::text[],
    $8::integer[])
    AS u(id, version, status, started_at, ended_at, updated_at, error_message, priority)
  WHERE run.id = u.id`

/** What the batch changes in runs that were there before it. */
export function updateRuns(changes: readonly RunChange[]): Statement[] {
  if (changes.length === 0) return []
  const values = columns(
    changes,
    (change) => change.id,
    (change) => change.version,
    (change) => change.status,
    (change) => change.startedAt,
    (change) => change.endedAt,
    (change) => change.updatedAt,
    (change) => change.errorMessage,
    (change) => change.priority,
  )
  return [{ name: 'update-runs', text: UPDATE, values }]
}
