import type { Json } from '../../domain/json.js'
import type { Statement } from '../../platform/statement.js'
import { columns, sharing } from '../projection.js'
import type { InstanceChange } from './fold-instance.js'

export interface NewInstance {
  readonly change: InstanceChange
  readonly runId: string
  readonly ordinal: number
  readonly taskId: string
  readonly taskKey: string
  readonly projectId: string
  readonly dagId: string | null
  readonly createdAt: Date
}

const CHANGES = `$1::text[], $2::text[], $3::integer[], $4::integer[], $5::text[], $6::text[], $7::boolean[],
    $8::integer[], $9::float8[], $10::json[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[],
    $15::timestamptz[], $16::boolean[], $17::text[], $18::text[], $19::timestamptz[], $20::text[]`

const CHANGE_NAMES = `id, status, attempt, fence, machine, node, has_result, exit_code, cpu_seconds, output, error_message,
      queued_at, started_at, ended_at, retry_at, is_stopping, forced_because, reused_from, updated_at, verdict`

const INSERT = `
  INSERT INTO instance (id, run_id, ordinal, task_id, task_key, project_id, dag_id, status, attempt, fence, machine_id,
    node_id, exit_code, error_message, output, cpu_seconds, created_at, queued_at, started_at, ended_at, updated_at,
    retry_at, is_stopping, forced_because, reused_from, verdict)
  SELECT id, run, ordinal, task, key, project, dag, coalesce(status, 'PENDING'), coalesce(attempt, 0), fence, machine, node, exit_code,
    error_message, output, cpu_seconds, created_at, queued_at, started_at, ended_at, updated_at, retry_at,
    coalesce(is_stopping, false), forced_because, reused_from, verdict
  FROM unnest(${CHANGES}, $21::text[], $22::integer[], $23::text[], $24::text[], $25::text[], $26::text[], $27::timestamptz[])
    AS u(${CHANGE_NAMES}, run, ordinal, task, key, project, dag, created_at)`

/** Of instances of which no more is to be told than that they wait: most, and twice as fast. */
const INSERT_WAITING = `
  INSERT INTO instance (id, run_id, ordinal, task_id, task_key, project_id, dag_id, status, created_at, queued_at, updated_at)
  SELECT u.id, ($7::text[])[u.run], u.ordinal, u.task, u.key, ($8::text[])[u.run], ($9::text[])[u.run],
    CASE WHEN u.is_queued THEN 'QUEUED' ELSE 'PENDING' END, ($10::timestamptz[])[u.run],
    CASE WHEN u.is_queued THEN ($11::timestamptz[])[u.run] END, ($11::timestamptz[])[u.run]
  FROM unnest($1::text[], $2::integer[], $3::integer[], $4::text[], $5::text[], $6::boolean[])
    AS u(id, run, ordinal, task, key, is_queued)`

/** The rows of all instances of the runs that the batch begins. */
export function insertInstances(instances: readonly NewInstance[]): Statement[] {
  const waiting = instances.filter(({ change }) => isWaiting(change))
  const others = waiting.length === instances.length ? [] : instances.filter(({ change }) => !isWaiting(change))
  return [...insertWaiting(waiting), ...insertOthers(others)]
}

function isWaiting({ status, attempt, queuedAt, updatedAt }: InstanceChange): boolean {
  return status === null || (status === 'QUEUED' && attempt === null && queuedAt?.getTime() === updatedAt.getTime())
}

function insertWaiting(instances: readonly NewInstance[]): Statement[] {
  if (instances.length === 0) return []
  const { shared, places } = sharing(
    instances,
    ({ runId, change }) => `${runId} ${change.updatedAt.getTime()}`,
    (instance) => instance,
  )
  const values = [
    ...columns(
      instances,
      ({ change }) => change.id,
      (_, index) => places[index],
      ({ ordinal }) => ordinal,
      ({ taskId }) => taskId,
      ({ taskKey }) => taskKey,
      ({ change }) => change.status !== null,
    ),
    ...columns(
      shared,
      ({ runId }) => runId,
      ({ projectId }) => projectId,
      ({ dagId }) => dagId,
      ({ createdAt }) => createdAt,
      ({ change }) => change.updatedAt,
    ),
  ]
  return [{ name: 'insert-waiting-instances', text: INSERT_WAITING, values }]
}

function insertOthers(instances: readonly NewInstance[]): Statement[] {
  if (instances.length === 0) return []
  const values = [
    ...changeColumns(instances.map(({ change }) => change)),
    ...columns(
      instances,
      (instance) => instance.runId,
      (instance) => instance.ordinal,
      (instance) => instance.taskId,
      (instance) => instance.taskKey,
      (instance) => instance.projectId,
      (instance) => instance.dagId,
      (instance) => instance.createdAt,
    ),
  ]
  return [{ name: 'insert-instances', text: INSERT, values }]
}

export interface NewElement extends NewInstance {
  readonly item: Json
}

const INSERT_ELEMENTS = `
  INSERT INTO instance (id, run_id, ordinal, task_id, task_key, project_id, dag_id, status, created_at, updated_at, item)
  SELECT u.id, ($5::text[])[u.list], u.ordinal, ($6::text[])[u.list], u.key, ($7::text[])[u.list], ($8::text[])[u.list],
    'PENDING', ($9::timestamptz[])[u.list], ($9::timestamptz[])[u.list], u.item
  FROM unnest($1::text[], $2::integer[], $3::integer[], $4::text[], $10::json[]) AS u(id, list, ordinal, key, item)`

/** The rows of the elements of lists that the batch reads, as they are at first. */
export function insertElements(elements: readonly NewElement[]): Statement[] {
  if (elements.length === 0) return []
  const { shared, places } = sharing(
    elements,
    ({ runId, taskId }) => `${runId} ${taskId}`,
    (element) => element,
  )
  const values = [
    ...columns(
      elements,
      ({ change }) => change.id,
      (_, index) => places[index],
      ({ ordinal }) => ordinal,
      ({ taskKey }) => taskKey,
    ),
    ...columns(
      shared,
      ({ runId }) => runId,
      ({ taskId }) => taskId,
      ({ projectId }) => projectId,
      ({ dagId }) => dagId,
      ({ createdAt }) => createdAt,
    ),
    elements.map(({ item }) => JSON.stringify(item)),
  ]
  return [{ name: 'insert-elements', text: INSERT_ELEMENTS, values }]
}

const UPDATE = `
  UPDATE instance AS i SET
    status = CASE
      WHEN coalesce(u.status, i.status) IN ('DISPATCHED', 'RUNNING') AND coalesce(u.is_stopping, i.is_stopping)
        THEN 'CANCELING'
      ELSE coalesce(u.status, i.status) END,
    attempt = coalesce(u.attempt, i.attempt), fence = coalesce(u.fence, i.fence),
    machine_id = coalesce(u.machine, i.machine_id), node_id = coalesce(u.node, i.node_id),
    exit_code = CASE WHEN u.has_result THEN u.exit_code ELSE i.exit_code END,
    cpu_seconds = CASE WHEN u.has_result THEN u.cpu_seconds ELSE i.cpu_seconds END,
    output = CASE WHEN u.has_result THEN u.output ELSE i.output END,
    error_message = CASE WHEN u.has_result THEN u.error_message ELSE coalesce(u.error_message, i.error_message) END,
    queued_at = coalesce(u.queued_at, i.queued_at), started_at = coalesce(i.started_at, u.started_at),
    ended_at = u.ended_at, retry_at = u.retry_at, is_stopping = coalesce(u.is_stopping, i.is_stopping),
    forced_because = u.forced_because, updated_at = u.updated_at, verdict = coalesce(u.verdict, i.verdict)
  FROM unnest(${CHANGES}) AS u(${CHANGE_NAMES})
  WHERE i.id = u.id`

/** What the batch changes in instances that were there before it. */
export function updateInstances(changes: readonly InstanceChange[]): Statement[] {
  if (changes.length === 0) return []
  return [{ name: 'update-instances', text: UPDATE, values: changeColumns(changes) }]
}

function changeColumns(changes: readonly InstanceChange[]): unknown[][] {
  return columns(
    changes,
    (change) => change.id,
    (change) => change.status,
    (change) => change.attempt,
    (change) => change.fence,
    (change) => change.machineId,
    (change) => change.nodeId,
    (change) => change.hasResult,
    (change) => change.exitCode,
    (change) => change.cpuSeconds,
    (change) => change.output,
    (change) => change.errorMessage,
    (change) => change.queuedAt,
    (change) => change.startedAt,
    (change) => change.endedAt,
    (change) => change.retryAt,
    (change) => change.isStopping,
    (change) => change.forcedBecause,
    (change) => change.reusedFrom,
    (change) => change.updatedAt,
    (change) => change.verdict,
  )
}
