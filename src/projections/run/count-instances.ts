import type { InstanceStatus } from '../../domain/run/status.js'
import type { Reader } from '../list.js'

const COUNT = `
  SELECT run_id, status, count(*) AS count FROM instance WHERE run_id = ANY($1::text[]) GROUP BY run_id, status`

/** How many of a run's instances there are, by what they are doing. */
export interface RunCounts {
  total: number
  /** PENDING and RETRY_WAIT. */
  pending: number
  queued: number
  /** DISPATCHED, RUNNING and CANCELING. */
  running: number
  /** Every end. */
  completed: number
  succeeded: number
  failed: number
  errored: number
  timedOut: number
  canceled: number
  skipped: number
  upstreamFailed: number
  unknown: number
}

const COUNTED_AS: { readonly [Status in InstanceStatus]: keyof RunCounts } = {
  PENDING: 'pending',
  RETRY_WAIT: 'pending',
  QUEUED: 'queued',
  DISPATCHED: 'running',
  RUNNING: 'running',
  CANCELING: 'running',
  UNKNOWN: 'unknown',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  ERRORED: 'errored',
  TIMED_OUT: 'timedOut',
  CANCELED: 'canceled',
  SKIPPED: 'skipped',
  UPSTREAM_FAILED: 'upstreamFailed',
}

const LIVE: ReadonlySet<keyof RunCounts> = new Set(['pending', 'queued', 'running', 'unknown'])

/** No instance at all. */
export function noCounts(): RunCounts {
  const ends = { succeeded: 0, failed: 0, errored: 0, timedOut: 0, canceled: 0, skipped: 0, upstreamFailed: 0 }
  return { total: 0, pending: 0, queued: 0, running: 0, completed: 0, ...ends, unknown: 0 }
}

/** Adds that many instances of a status. */
export function addCount(counts: RunCounts, status: InstanceStatus, count: number): void {
  const name = COUNTED_AS[status]
  counts.total += count
  counts[name] += count
  if (!LIVE.has(name)) counts.completed += count
}

/** The counts of every one of the runs, in one statement. */
export async function countInstances(db: Reader, runIds: readonly string[]): Promise<Map<string, RunCounts>> {
  const counts = new Map(runIds.map((id) => [id, noCounts()]))
  const { rows } = await db.query<{ run_id: string; status: InstanceStatus; count: number }>({
    name: 'count-instances',
    text: COUNT,
    values: [runIds],
  })
  for (const { run_id, status, count } of rows) addCount(counts.get(run_id) as RunCounts, status, count)
  return counts
}
