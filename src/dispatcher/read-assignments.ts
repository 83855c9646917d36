import type { ClientBase, Pool } from 'pg'
import type { Action } from '../domain/dag/action.js'
import { parseElementKey } from '../domain/dag/elements.js'
import type { Json, JsonObject } from '../domain/json.js'
import type { ConditionScope } from '../domain/run/commands.js'
import type { Assignment } from '../engines/engine.js'
import { itemEnvironment, parameterEnvironment } from '../engines/parameter-environment.js'

/** An assignment as the tables tell it; the machine and where collecting goes on are the dispatcher's to add. */
export type StoredAssignment = Omit<Assignment, 'machine' | 'secrets'> & {
  readonly runId: string
  readonly taskKey: string
  readonly machineId: string | null
  /** Whose it is to execute. */
  readonly nodeId: string
  /** Whether its machine lets it run as the user that it names; one that names none may. */
  readonly mayRunAsUser: boolean
  /** For ever; its login's key may be gone. */
  readonly isMachineRemoved: boolean
  /** A cancel or a forced end was asked for. */
  readonly isStopping: boolean
  readonly collected: { readonly STDOUT: number; readonly STDERR: number }
  /** Bytes that this came to, with secrets masked. */
  readonly stored: { readonly STDOUT: number; readonly STDERR: number }
  readonly projectId: string
}

/** A `$value` may read any output upstream, not only those of its needs. */
const names = (json: string) => `strpos(${json}, '$value') > 0 AND strpos(${json}, needed.key) > 0`
const IS_NAMED = `(t.engine IN ('http', 'thread') AND ${names('t.action::text')}) OR (${names('t.inputs::text')})`

/** At this moment, not when it was published or claimed: a user may have been withdrawn since. */
const MAY_RUN = `coalesce(t.action->>'user' IS NULL
    OR (m.kind = 'SSH' AND t.action->>'user' = ANY(m.login_user || m.allowed_run_users)), false)`

function collectedOf(stream: string): string {
  return `SELECT coalesce(sum(octet_length(o.bytes)), 0) AS bytes,
      coalesce(sum(coalesce(o.source_length, octet_length(o.bytes))), 0) AS source
    FROM output_chunk o WHERE o.instance_id = i.id AND o.attempt = i.attempt AND o.stream = '${stream}'`
}

const READ = `
  SELECT i.id, i.run_id, i.task_key, i.attempt, h.fence, h.machine_id, h.node_id, i.is_stopping,
    a.started_at IS NOT NULL AS is_started, ${MAY_RUN} AS may_run_as_user,
    m.removed_at IS NOT NULL AS is_machine_removed, t.action, t.timeout_ms, t.grace_ms, t.is_idempotent, t.inputs,
    l.parameters_schema, r.name AS run_name, r.kind, r.trigger, r.parameters, r.logical_date, r.created_at, d.name AS dag,
    p.name AS project, v.number AS dag_version,
    (SELECT json_object_agg(u.task_key, u.output) FROM task needed
       JOIN instance u ON u.run_id = i.run_id AND u.ordinal = needed.ordinal
     WHERE needed.plan_id = t.plan_id AND (needed.ordinal = ANY(t.needs) OR ${IS_NAMED})) AS outputs,
    r.project_id, i.item, stdout.source AS stdout_source, stdout.bytes AS stdout_bytes, stderr.source AS stderr_source,
    stderr.bytes AS stderr_bytes
  FROM queue_hold h
  JOIN instance i ON i.id = h.instance_id
  JOIN attempt a ON a.instance_id = i.id AND a.number = i.attempt
  JOIN task t ON t.id = i.task_id
  LEFT JOIN template l ON l.id = t.template_id
  JOIN run r ON r.id = i.run_id
  JOIN project p ON p.id = r.project_id
  LEFT JOIN dag d ON d.id = r.dag_id
  LEFT JOIN machine m ON m.id = h.machine_id
  LEFT JOIN dag_version v ON v.id = r.dag_version_id
  CROSS JOIN LATERAL (${collectedOf('STDOUT')}) stdout
  CROSS JOIN LATERAL (${collectedOf('STDERR')}) stderr
  WHERE h.instance_id = ANY($1::text[])`

interface Row {
  readonly id: string
  readonly run_id: string
  readonly task_key: string
  readonly attempt: number
  readonly fence: number
  readonly machine_id: string | null
  readonly node_id: string
  readonly is_stopping: boolean
  readonly is_started: boolean
  readonly may_run_as_user: boolean
  readonly is_machine_removed: boolean
  readonly action: Action
  readonly timeout_ms: number | string | null
  readonly grace_ms: number | string
  readonly is_idempotent: boolean
  readonly inputs: JsonObject | null
  readonly parameters_schema: JsonObject | null
  readonly run_name: string
  readonly kind: string
  readonly trigger: string
  readonly parameters: JsonObject
  readonly logical_date: Date | null
  readonly created_at: Date
  readonly dag: string | null
  readonly project: string
  readonly dag_version: number | null
  readonly outputs: JsonObject | null
  readonly project_id: string
  readonly item: Json
  readonly stdout_source: number | string
  readonly stderr_source: number | string
  readonly stdout_bytes: number | string
  readonly stderr_bytes: number | string
}

/** What the attempts that hold capacity for these instances are to do, in one statement, by instance id. */
export async function readAssignments(
  db: ClientBase | Pool,
  instanceIds: readonly string[],
): Promise<Map<string, StoredAssignment>> {
  if (instanceIds.length === 0) return new Map()
  const { rows } = await db.query<Row>({ name: 'read-assignments', text: READ, values: [instanceIds] })
  return new Map(rows.map((row) => [row.id, assignmentOf(row)]))
}

function assignmentOf(row: Row): StoredAssignment {
  const stdout = Number(row.stdout_bytes)
  const stderr = Number(row.stderr_bytes)
  return {
    instanceId: row.id,
    runId: row.run_id,
    taskKey: row.task_key,
    attempt: row.attempt,
    fence: row.fence,
    machineId: row.machine_id,
    nodeId: row.node_id,
    isStarted: row.is_started,
    mayRunAsUser: row.may_run_as_user,
    isMachineRemoved: row.is_machine_removed,
    isStopping: row.is_stopping,
    action: row.action,
    timeoutMs: row.timeout_ms === null ? null : Number(row.timeout_ms),
    graceMs: Number(row.grace_ms),
    isIdempotent: row.is_idempotent,
    environment: environmentOf(row),
    inputs: row.inputs === null ? null : { values: row.inputs, schema: row.parameters_schema ?? {} },
    scope: { parameters: row.parameters, outputs: row.outputs ?? {}, run: runOf(row), ...itemOf(row) },
    projectId: row.project_id,
    sampled: null,
    collected: { STDOUT: Number(row.stdout_source), STDERR: Number(row.stderr_source) },
    stored: { STDOUT: stdout, STDERR: stderr },
  }
}

function environmentOf(row: Row): Record<string, string> {
  return {
    ...parameterEnvironment(row.parameters),
    DAGBOOK_RUN_ID: row.run_id,
    DAGBOOK_INSTANCE_ID: row.id,
    DAGBOOK_TASK: row.task_key,
    DAGBOOK_ATTEMPT: String(row.attempt),
    ...(row.logical_date === null ? {} : { DAGBOOK_LOGICAL_DATE: row.logical_date.toISOString() }),
    ...itemEnvironment(itemOf(row)),
  }
}

function itemOf({ task_key, item }: Row): Pick<ConditionScope, 'item' | 'index'> {
  const element = parseElementKey(task_key)
  return element === null ? {} : { item, index: element.index }
}

function runOf(row: Row): JsonObject {
  return {
    id: row.run_id,
    name: row.run_name,
    kind: row.kind,
    dag: row.dag,
    project: row.project,
    version: row.dag_version,
    trigger: row.trigger,
    logicalDate: row.logical_date?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
  }
}
