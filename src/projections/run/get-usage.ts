import type { Reader } from '../list.js'

/** What attempts used; null where none of them has told. MB are 10^6 bytes, 100 percent are one core. */
export interface UsageRow {
  readonly averageMemoryMb: number | null
  readonly peakMemoryMb: number | null
  readonly averageCpuPercent: number | null
  readonly cpuSeconds: number | null
}

/** Averages weigh an attempt by how long it ran; one that took no time at all still counts a little. */
const SECONDS = `greatest(extract(epoch FROM a.ended_at - coalesce(a.started_at, a.dispatched_at))::float8, 0.001)`

/** To hundredths, as the attempts tell them (seconds of cpu to thousandths): of numbers that are all the same a weighted sum may come to a little more. */
const average = (column: string) =>
  `round((sum(a.${column} * ${SECONDS}) / nullif(sum(${SECONDS}) FILTER (WHERE a.${column} IS NOT NULL), 0))::numeric, 2)::float8`

const TOTALS = `round(sum(a.cpu_seconds)::numeric, 3)::float8 AS "cpuSeconds", max(a.peak_memory_mb) AS "peakMemoryMb",
    ${average('average_memory_mb')} AS "averageMemoryMb", ${average('average_cpu_percent')} AS "averageCpuPercent"`

const BY_RUN = `
  SELECT i.run_id AS id, ${TOTALS}
  FROM instance i JOIN attempt a ON a.instance_id = i.id
  WHERE i.run_id = ANY($1::text[]) GROUP BY i.run_id`

const BY_INSTANCE = `
  SELECT a.instance_id AS id, ${TOTALS} FROM attempt a
  WHERE a.instance_id = ANY($1::text[]) GROUP BY a.instance_id`

/**
 * Over all attempts, by run: cpu seconds added up, the highest peak (of one attempt: attempts that ran side by side are not
 * added), averages over the attempts' time. Runs of which no attempt has told anything are left out.
 */
export function getRunUsage(db: Reader, runIds: readonly string[]): Promise<Map<string, UsageRow>> {
  return usage(db, BY_RUN, runIds)
}

/** As getRunUsage, by instance. */
export function getInstanceUsage(db: Reader, instanceIds: readonly string[]): Promise<Map<string, UsageRow>> {
  return usage(db, BY_INSTANCE, instanceIds)
}

/** The usage, or null when nothing of it is known. */
export function knownUsage({
  averageMemoryMb,
  peakMemoryMb,
  averageCpuPercent,
  cpuSeconds,
}: UsageRow): UsageRow | null {
  const isKnown = [averageMemoryMb, peakMemoryMb, averageCpuPercent, cpuSeconds].some((value) => value !== null)
  return isKnown ? { averageMemoryMb, peakMemoryMb, averageCpuPercent, cpuSeconds } : null
}

async function usage(db: Reader, text: string, ids: readonly string[]): Promise<Map<string, UsageRow>> {
  const { rows } = await db.query<UsageRow & { id: string }>({ text, values: [ids] })
  return new Map(
    rows.flatMap((row) => {
      const known = knownUsage(row)
      return known === null ? [] : [[row.id, known] as const]
    }),
  )
}
