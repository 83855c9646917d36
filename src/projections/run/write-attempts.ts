import type { Statement } from '../../platform/statement.js'
import { columns } from '../projection.js'
import type { AttemptChange } from './fold-attempt.js'

const NAMES = `instance, number, fence, machine, node, dispatched_at, status, pid, started_at, ended_at, exit_code,
      error_message, cpu_seconds, average_memory_mb, peak_memory_mb, average_cpu_percent`

const ROWS = `unnest($1::text[], $2::integer[], $3::integer[], $4::text[], $5::text[], $6::timestamptz[], $7::text[],
    $8::integer[], $9::timestamptz[], $10::timestamptz[], $11::integer[], $12::text[], $13::float8[],
    $14::float8[], $15::float8[], $16::float8[]) AS u(${NAMES})`

const INSERT = `
  INSERT INTO attempt (instance_id, number, fence, machine_id, node_id, dispatched_at, status, pid, started_at, ended_at,
    exit_code, error_message, cpu_seconds, average_memory_mb, peak_memory_mb, average_cpu_percent)
  SELECT ${NAMES} FROM ${ROWS}`

const UPDATE = `
  UPDATE attempt AS a SET status = u.status, pid = coalesce(u.pid, a.pid),
    started_at = coalesce(u.started_at, a.started_at), ended_at = u.ended_at, exit_code = u.exit_code,
    error_message = u.error_message, cpu_seconds = u.cpu_seconds, average_memory_mb = u.average_memory_mb,
    peak_memory_mb = u.peak_memory_mb, average_cpu_percent = u.average_cpu_percent
  FROM ${ROWS}
  WHERE a.instance_id = u.instance AND a.number = u.number`

/** The attempts that the batch begins, and what it changes in those that were there before it. */
export function writeAttempts(changes: readonly AttemptChange[]): Statement[] {
  return [
    ...write(
      'insert-attempts',
      INSERT,
      changes.filter((change) => change.fence !== null),
    ),
    ...write(
      'update-attempts',
      UPDATE,
      changes.filter((change) => change.fence === null),
    ),
  ]
}

function write(name: string, text: string, changes: readonly AttemptChange[]): Statement[] {
  if (changes.length === 0) return []
  const values = columns(
    changes,
    (change) => change.instanceId,
    (change) => change.number,
    (change) => change.fence,
    (change) => change.machineId,
    (change) => change.nodeId,
    (change) => change.dispatchedAt,
    (change) => change.status,
    (change) => change.pid,
    (change) => change.startedAt,
    (change) => change.endedAt,
    (change) => change.exitCode,
    (change) => change.errorMessage,
    (change) => change.cpuSeconds,
    (change) => change.usage?.averageMemoryMb ?? null,
    (change) => change.usage?.peakMemoryMb ?? null,
    (change) => change.usage?.averageCpuPercent ?? null,
  )
  return [{ name, text, values }]
}
