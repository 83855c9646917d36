import type { Reader } from '../list.js'

/** A point of a curve. MB are 10^6 bytes, 100 percent are one core (of memory: all of the host's). */
export interface SampleRow {
  readonly instanceId: string
  readonly attempt: number
  readonly recordedAt: Date
  readonly cpuPercent: number
  readonly cpuCount: number
  readonly memoryMb: number
  readonly memoryPercent: number | null
  readonly memoryAvailableMb: number | null
  readonly diskReadMb: number | null
  readonly diskWriteMb: number | null
  readonly activeThreads: number
  readonly activeProcesses: number
}

/** Which attempt of which instance. */
export interface SampledAttempt {
  readonly instanceId: string
  readonly attempt: number
}

/** `ntile` gives every sample a bucket of its own as long as there are no more samples than buckets. */
const READ = `
  SELECT instance_id AS "instanceId", attempt, max(recorded_at) AS "recordedAt", max(cpu_percent) AS "cpuPercent",
    max(host_cpus) AS "cpuCount", max(memory_bytes) / 1e6::float8 AS "memoryMb",
    100 * (1 - min(host_available_bytes::float8 / nullif(host_memory_bytes, 0))) AS "memoryPercent",
    min(host_available_bytes) / 1e6::float8 AS "memoryAvailableMb", max(disk_read_bytes) / 1e6::float8 AS "diskReadMb",
    max(disk_write_bytes) / 1e6::float8 AS "diskWriteMb", max(threads) AS "activeThreads",
    max(processes) AS "activeProcesses"
  FROM (
    SELECT m.*, ntile($3::integer) OVER (PARTITION BY m.instance_id, m.attempt ORDER BY m.uptime) AS bucket
    FROM unnest($1::text[], $2::integer[]) AS asked(instance_id, attempt) JOIN metric_sample m USING (instance_id, attempt)
  ) AS sample
  GROUP BY instance_id, attempt, bucket ORDER BY instance_id, attempt, bucket`

/**
 * The samples of each attempt in their order, by `instance/attempt`. Where an attempt has more than `maxPoints`, each point
 * stands for some that follow each other: their highest values (the least available memory) at the time of the last.
 */
export async function readSamples(
  db: Reader,
  attempts: readonly SampledAttempt[],
  maxPoints: number,
): Promise<Map<string, SampleRow[]>> {
  const values = [attempts.map(({ instanceId }) => instanceId), attempts.map(({ attempt }) => attempt), maxPoints]
  const { rows } = await db.query<SampleRow>({ text: READ, values })
  const samples = new Map<string, SampleRow[]>()
  for (const row of rows) {
    const key = `${row.instanceId}/${row.attempt}`
    const of = samples.get(key)
    if (of === undefined) samples.set(key, [row])
    else of.push(row)
  }
  return samples
}
