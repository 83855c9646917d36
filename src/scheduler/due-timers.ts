import type { Pool } from 'pg'

/** A moment that a run waits for. */
export type DueTimer =
  /** `attempt`: the last one for a retry, the one that it waits for in a queue. */
  | {
      readonly kind: 'RETRY' | 'QUEUE_TIMEOUT'
      readonly runId: string
      readonly taskKey: string
      readonly attempt: number
    }
  | { readonly kind: 'RUN_TIMEOUT'; readonly runId: string }

const DUE = `
  (SELECT 'RETRY' AS kind, run_id, task_key, attempt FROM instance
   WHERE retry_at IS NOT NULL AND retry_at <= $1::timestamptz ORDER BY retry_at LIMIT $2::integer)
  UNION ALL
  (SELECT 'RUN_TIMEOUT', id, NULL, NULL FROM run
   WHERE ended_at IS NULL AND timeout_at IS NOT NULL AND timeout_at <= $1::timestamptz AND status <> 'CANCELING'
   ORDER BY timeout_at LIMIT $2::integer)
  UNION ALL
  (SELECT 'QUEUE_TIMEOUT', e.run_id, e.task_key, i.attempt + 1 FROM queue_entry e JOIN instance i ON i.id = e.instance_id
   WHERE e.expires_at IS NOT NULL AND e.expires_at <= $1::timestamptz ORDER BY e.expires_at LIMIT $2::integer)`

const NEXT = `
  SELECT least(
    (SELECT min(retry_at) FROM instance WHERE retry_at IS NOT NULL),
    (SELECT min(expires_at) FROM queue_entry WHERE expires_at IS NOT NULL),
    (SELECT min(timeout_at) FROM run WHERE ended_at IS NULL AND timeout_at IS NOT NULL AND status <> 'CANCELING')) AS at`

/** What is due at `now`, at most `limit` of each kind. */
export async function dueTimers(pool: Pool, now: Date, limit: number): Promise<DueTimer[]> {
  const { rows } = await pool.query({ name: 'due-timers', text: DUE, values: [now, limit] })
  return rows.map(
    (row): DueTimer =>
      row.kind === 'RUN_TIMEOUT'
        ? { kind: 'RUN_TIMEOUT', runId: row.run_id }
        : { kind: row.kind, runId: row.run_id, taskKey: row.task_key, attempt: row.attempt },
  )
}

/** When the next one is due; null: none is set. */
export async function nextTimer(pool: Pool): Promise<Date | null> {
  const { rows } = await pool.query<{ at: Date | null }>({ name: 'next-timer', text: NEXT })
  return rows[0]?.at ?? null
}
