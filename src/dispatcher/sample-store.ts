import type { SampleTotals } from '../engines/usage-meter.js'
import type { AttemptSample } from '../machines/machine.js'
import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import type { Logger } from '../platform/logger.js'
import { attemptKey } from '../queue/holds.js'

/** What one round of the samplers brings goes into one statement. */
const FLUSH_MS = 1_000
/** What waits while the database is away: beyond that the oldest are lost. */
const MAX_WAITING = 20_000

const INSERT = `
  INSERT INTO metric_sample (instance_id, attempt, uptime, recorded_at, covered_ms, cpu_percent, memory_bytes, threads,
    processes, disk_read_bytes, disk_write_bytes, host_cpus, host_memory_bytes, host_available_bytes)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::timestamptz[], $5::bigint[], $6::float8[], $7::bigint[],
    $8::integer[], $9::integer[], $10::bigint[], $11::bigint[], $12::integer[], $13::bigint[], $14::bigint[])
  ON CONFLICT DO NOTHING`

const TOTALS = `
  SELECT s.instance_id AS "instanceId", h.fence, sum(s.weight)::float8 AS "coveredMs",
    sum(s.memory_bytes * s.weight::float8) AS "memoryByteMs", sum(s.cpu_percent * s.weight) AS "cpuPercentMs",
    max(s.memory_bytes)::float8 AS "peakMemoryBytes", max(s.uptime)::float8 AS uptime
  FROM queue_hold h
  JOIN attempt a ON a.instance_id = h.instance_id AND a.fence = h.fence
  CROSS JOIN LATERAL (
    SELECT m.*, least(m.covered_ms, (m.uptime - lag(m.uptime) OVER (ORDER BY m.uptime)) * 10) AS weight
    FROM metric_sample m WHERE m.instance_id = a.instance_id AND m.attempt = a.number) s
  WHERE h.instance_id = ANY($1::text[])
  GROUP BY s.instance_id, h.fence`

interface Row {
  readonly attempt: number
  readonly recordedAt: Date
  readonly sample: AttemptSample
}

/**
 * Stores the samples of all attempts of this process, of whatever machine, once a second. Nobody waits for it, and what cannot
 * be stored is lost: a gap in a curve is no error.
 */
export class SampleStore {
  #waiting: Row[] = []
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Recorded at the time by this server's clock at which the sample was taken. */
  add(attempt: number, sample: AttemptSample): void {
    if (this.#waiting.length >= MAX_WAITING) this.#waiting.shift()
    this.#waiting.push({ attempt, recordedAt: new Date(this.clock.now().getTime() - sample.ageMs), sample })
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS)
  }

  /** Stores what waits. Never rejects. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  /**
   * By attemptKey, what is stored of the attempts that hold capacity for these instances; those without a sample are left out.
   * Never rejects: what cannot be read is taken for not measured.
   */
  async totals(instanceIds: readonly string[]): Promise<Map<string, SampleTotals>> {
    try {
      const rows = await this.database.query<SampleTotals & { instanceId: string; fence: number }>(TOTALS, [
        instanceIds,
      ])
      return new Map(rows.map(({ instanceId, fence, ...totals }) => [attemptKey({ instanceId, fence }), totals]))
    } catch (error) {
      this.logger.warn({ err: error }, 'What was measured of attempts that are taken over could not be read')
      return new Map()
    }
  }

  async #write(): Promise<void> {
    const rows = this.#waiting
    if (rows.length === 0) return
    this.#waiting = []
    try {
      await this.database.query(INSERT, columnsOf(rows))
    } catch (error) {
      this.logger.warn(
        { err: error, samples: rows.length },
        'Samples of what attempts use were not stored; they are lost',
      )
    }
  }
}

function columnsOf(rows: readonly Row[]): unknown[][] {
  const of = (value: (row: Row) => unknown) => rows.map(value)
  return [
    of(({ sample }) => sample.instanceId),
    of(({ attempt }) => attempt),
    of(({ sample }) => sample.uptime),
    of(({ recordedAt }) => recordedAt),
    of(({ sample }) => sample.coveredMs),
    of(({ sample }) => sample.cpuPercent),
    of(({ sample }) => sample.memoryBytes),
    of(({ sample }) => sample.threads),
    of(({ sample }) => sample.processes),
    of(({ sample }) => sample.diskReadBytes),
    of(({ sample }) => sample.diskWriteBytes),
    of(({ sample }) => sample.host.cpus),
    of(({ sample }) => sample.host.memoryBytes),
    of(({ sample }) => sample.host.availableBytes),
  ]
}
