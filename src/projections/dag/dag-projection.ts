import type { DagEvent, DagVersionPublished } from '../../domain/dag/dag.js'
import { type DagDefinition, withTaskOrder } from '../../domain/dag/definition.js'
import { type Plan, planOf } from '../../domain/dag/plan.js'
import { scriptOf } from '../../domain/dag/script.js'
import type { RunRequested } from '../../domain/run/events.js'
import { deriveId } from '../../platform/ids.js'
import type { Statement } from '../../platform/statement.js'
import { type AppliedEvent, columns, type Projection, userOf } from '../projection.js'

/** DAGs, their versions and the tasks of each version; also the tasks of runs that bring their own plan. */
export const dagProjection: Projection = {
  name: 'dags',
  tables: ['dag', 'dag_version', 'task'],
  statements(events) {
    const dags = new Map<string, DagRow>()
    const versions: VersionRow[] = []
    const plans: PlanRow[] = []
    for (const applied of events) {
      if (applied.type === 'RunRequested') plans.push(...ownPlan(applied))
      if (!applied.type.startsWith('Dag')) continue
      const event = applied as unknown as DagEvent
      const row = dags.get(applied.streamId) ?? rowOf(applied)
      dags.set(applied.streamId, foldDag(row, event, applied))
      if (event.type === 'DagVersionPublished') versions.push(versionOf(applied, event.data))
    }
    const all = [...dags.values()]
    return [
      // First: a name that one of them gives up may be taken by a new one.
      ...updateDags(all.filter((row) => !row.isNew)),
      ...insertDags(all.filter((row) => row.isNew)),
      ...insertVersions(versions),
      ...insertTasks([...versions.map(planOfVersion), ...plans]),
    ]
  },
}

interface DagRow {
  readonly id: string
  readonly isNew: boolean
  readonly name: string | null
  readonly projectId: string | null
  readonly version: number
  readonly isEnabled: boolean | null
  readonly latest: DagVersionPublished | null
  readonly deletedAt: Date | null
  readonly actor: string | null
  /** Of its first event in the batch; with DagCreated, when it was made. */
  readonly from: Date
  /** Of the last that changed it. */
  readonly at: Date | null
}

function rowOf({ streamId, projectId, version, actor, recordedAt }: AppliedEvent): DagRow {
  const blank = { isNew: false, name: null, isEnabled: null, latest: null, deletedAt: null }
  return { id: streamId, projectId, version, ...blank, actor: userOf(actor), from: recordedAt, at: null }
}

function foldDag(row: DagRow, event: DagEvent, { version, recordedAt: at }: AppliedEvent): DagRow {
  switch (event.type) {
    case 'DagCreated':
      return { ...row, version, at, isNew: true, name: event.data.name, isEnabled: true }
    case 'DagVersionPublished':
      return { ...row, version, at, latest: event.data }
    case 'DagDeleted':
      return { ...row, version, at, deletedAt: at }
    case 'DagScheduleChanged':
      return { ...row, version, at }
    case 'DagScheduleAdvanced':
      // Its times go by; the DAG stays as it is.
      return { ...row, version }
    default:
      return { ...row, version, at, isEnabled: event.type === 'DagEnabled' }
  }
}

interface VersionRow {
  readonly dagId: string
  readonly projectId: string | null
  readonly data: DagVersionPublished
  readonly definition: DagDefinition
  readonly plan: Plan
  readonly publishedBy: string | null
  readonly at: Date
}

function versionOf({ streamId, projectId, actor, recordedAt }: AppliedEvent, data: DagVersionPublished): VersionRow {
  const definition = withTaskOrder(data.definition, data.taskKeys)
  const plan = planOf(definition)
  return { dagId: streamId, projectId, data, definition, plan, publishedBy: userOf(actor), at: recordedAt }
}

const INSERT_DAGS = `
  INSERT INTO dag (id, version, project_id, name, description, task_type, is_enabled, skip_failed, latest_version_id,
    latest_number, created_by, created_at, updated_at, deleted_at)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[],
    $8::boolean[], $9::text[], $10::integer[], $11::text[], $12::timestamptz[], $13::timestamptz[],
    $14::timestamptz[])`

function insertDags(rows: readonly DagRow[]): Statement[] {
  if (rows.length === 0) return []
  const values = columns(
    rows,
    (row) => row.id,
    (row) => row.version,
    (row) => row.projectId,
    (row) => row.name,
    (row) => row.latest?.definition.description ?? null,
    (row) => row.latest?.definition.taskType ?? null,
    (row) => row.isEnabled,
    (row) => row.latest?.definition.skipFailed ?? false,
    // Its first version comes in the same breath, but in a replay perhaps in the next batch.
    (row) => row.latest?.dagVersionId ?? '',
    (row) => row.latest?.number ?? 0,
    (row) => row.actor,
    (row) => row.from,
    (row) => row.at,
    (row) => row.deletedAt,
  )
  return [{ name: 'insert-dags', text: INSERT_DAGS, values }]
}

const UPDATE_DAGS = `
  UPDATE dag SET version = u.version, is_enabled = coalesce(u.is_enabled, dag.is_enabled),
    updated_at = coalesce(u.at, dag.updated_at), deleted_at = coalesce(u.deleted_at, dag.deleted_at),
    latest_version_id = coalesce(u.latest_id, dag.latest_version_id),
    latest_number = coalesce(u.latest_number, dag.latest_number),
    description = CASE WHEN u.latest_id IS NULL THEN dag.description ELSE u.description END,
    task_type = CASE WHEN u.latest_id IS NULL THEN dag.task_type ELSE u.task_type END,
    skip_failed = CASE WHEN u.latest_id IS NULL THEN dag.skip_failed ELSE u.skip_failed END
  FROM unnest($1::text[], $2::integer[], $3::boolean[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::boolean[],
    $9::timestamptz[], $10::timestamptz[])
    AS u(id, version, is_enabled, latest_id, latest_number, description, task_type, skip_failed, at, deleted_at)
  WHERE dag.id = u.id`

function updateDags(rows: readonly DagRow[]): Statement[] {
  if (rows.length === 0) return []
  const values = columns(
    rows,
    (row) => row.id,
    (row) => row.version,
    (row) => row.isEnabled,
    (row) => row.latest?.dagVersionId ?? null,
    (row) => row.latest?.number ?? null,
    (row) => row.latest?.definition.description ?? null,
    (row) => row.latest?.definition.taskType ?? null,
    (row) => row.latest?.definition.skipFailed ?? false,
    (row) => row.at,
    (row) => row.deletedAt,
  )
  return [{ name: 'update-dags', text: UPDATE_DAGS, values }]
}

const INSERT_VERSIONS = `
  INSERT INTO dag_version (id, dag_id, number, source, definition, checksum, published_by, published_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::json[], $6::text[], $7::text[],
    $8::timestamptz[])`

function insertVersions(rows: readonly VersionRow[]): Statement[] {
  if (rows.length === 0) return []
  const values = columns(
    rows,
    (row) => row.data.dagVersionId,
    (row) => row.dagId,
    (row) => row.data.number,
    (row) => row.data.source,
    (row) => JSON.stringify(row.definition),
    (row) => row.data.checksum,
    (row) => row.publishedBy,
    (row) => row.at,
  )
  return [{ name: 'insert-versions', text: INSERT_VERSIONS, values }]
}

const INSERT_TASKS = `
  INSERT INTO task (id, plan_id, ordinal, project_id, dag_id, dag_version_id, key, name, execution_order, needs,
    trigger_rule, condition, engine, queue, machine, cpu, memory_bytes, priority, tags, timeout_ms, grace_ms, retry,
    is_idempotent, action, template_id, inputs, created_at, script_path, module)
  SELECT t.id, t.plan_id, t.ordinal, t.project_id, t.dag_id, t.dag_version_id, t.key, t.name, t."executionOrder",
    ARRAY(SELECT json_array_elements_text(t.needs)::integer), t."triggerRule", t.condition, t.engine, t.queue, t.machine,
    t.cpu, t."memoryBytes", t.priority, ARRAY(SELECT json_array_elements_text(t.tags)), t."timeoutMs", t."graceMs",
    t.retry, t."isIdempotent", t.action, t.template, t.inputs, t.created_at,
    t.script->>'path', t.script->>'module'
  FROM json_to_recordset($1::json) AS t(id text, plan_id text, ordinal integer, project_id text, dag_id text,
    dag_version_id text, key text, name text, "executionOrder" integer, needs json, "triggerRule" text, condition text,
    engine text, queue text, machine text, cpu float8, "memoryBytes" bigint, priority integer, tags json,
    "timeoutMs" bigint, "graceMs" bigint, retry json, "isIdempotent" boolean, action json, template text,
    inputs json, created_at timestamptz, script json)`

/** A plan whose tasks become rows: of a DAG version, or of a run. */
interface PlanRow {
  readonly planId: string
  readonly plan: Plan
  readonly projectId: string | null
  readonly dagId: string | null
  readonly dagVersionId: string | null
  readonly at: Date
}

function planOfVersion({ data: { dagVersionId }, plan, projectId, dagId, at }: VersionRow): PlanRow {
  return { planId: dagVersionId, plan, projectId, dagId, dagVersionId, at }
}

function ownPlan({ streamId: planId, data, recordedAt: at }: AppliedEvent): PlanRow[] {
  const { plan, projectId } = data as RunRequested
  return plan === null ? [] : [{ planId, plan, projectId, dagId: null, dagVersionId: null, at }]
}

function insertTasks(rows: readonly PlanRow[]): Statement[] {
  const tasks = rows.flatMap(({ planId, plan, dagId, dagVersionId, projectId, at }) =>
    plan.tasks.map((task) => ({
      ...task,
      id: deriveId('task', planId, task.ordinal),
      plan_id: planId,
      project_id: projectId,
      dag_id: dagId,
      dag_version_id: dagVersionId,
      created_at: at,
      script: scriptOf(task.action),
    })),
  )
  return tasks.length === 0 ? [] : [{ name: 'insert-tasks', text: INSERT_TASKS, values: [JSON.stringify(tasks)] }]
}
