import type { InstanceStatus } from '../../domain/run/status.js'
import type { Reader } from '../list.js'
import type { UsageRow } from './get-usage.js'

/** One try to execute an instance. */
export interface AttemptRow extends UsageRow {
  readonly instanceId: string
  readonly number: number
  readonly status: InstanceStatus
  readonly machineId: string | null
  readonly pid: number | null
  readonly dispatchedAt: Date
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  readonly exitCode: number | null
  readonly errorMessage: string | null
}

const LIST = `
  SELECT instance_id AS "instanceId", number, status, machine_id AS "machineId", pid, dispatched_at AS "dispatchedAt",
    started_at AS "startedAt", ended_at AS "endedAt", exit_code AS "exitCode", error_message AS "errorMessage",
    cpu_seconds AS "cpuSeconds", average_memory_mb AS "averageMemoryMb", peak_memory_mb AS "peakMemoryMb",
    average_cpu_percent AS "averageCpuPercent"
  FROM attempt WHERE instance_id = ANY($1::text[]) ORDER BY instance_id, number`

/** Every attempt of the instances, in their order: at most what the retries of both budgets allow. */
export async function listAttempts(db: Reader, instanceIds: readonly string[]): Promise<Map<string, AttemptRow[]>> {
  const { rows } = await db.query<AttemptRow>({ name: 'list-attempts', text: LIST, values: [instanceIds] })
  const attempts = new Map<string, AttemptRow[]>()
  for (const row of rows) {
    const of = attempts.get(row.instanceId)
    if (of === undefined) attempts.set(row.instanceId, [row])
    else of.push(row)
  }
  return attempts
}
