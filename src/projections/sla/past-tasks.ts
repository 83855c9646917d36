import type { Reader } from '../list.js'
import { type AttemptRow, listAttempts } from '../run/list-attempts.js'
import type { PastRuns } from './past-runs.js'
import { OF_TASK } from './task-subjects.js'

/** An instance of the past, with what tells how long it waited and ran. */
export interface PastTaskRow {
  readonly id: string
  /** When it was queued last. */
  readonly queuedAt: Date | null
  readonly endedAt: Date | null
  readonly attempts: readonly AttemptRow[]
  readonly run: {
    readonly id: string
    readonly status: string
    readonly createdAt: Date
    readonly startedAt: Date | null
    readonly endedAt: Date | null
    readonly logicalDate: Date | null
  }
}

/** By DAG, by project or at all: each way has its index. */
const read = (where: string) => `
  SELECT i.id, i.queued_at AS "queuedAt", i.ended_at AS "endedAt",
    json_build_object('id', r.id, 'status', r.status) AS run, r.created_at, r.started_at, r.ended_at, r.logical_date
  FROM run r JOIN instance i ON i.run_id = r.id CROSS JOIN (SELECT $5::text AS task_key) AS w
  WHERE ${where} AND r.created_at >= $2::timestamptz AND r.created_at < $3::timestamptz
    AND i.queued_at IS NOT NULL AND ${OF_TASK}
  ORDER BY r.created_at DESC, r.id DESC, i.ordinal DESC LIMIT $4::integer`

const OF_DAG = read('r.dag_id = $1::text')
const OF_PROJECT = read('r.project_id = $1::text')
const OF_ALL = read('$1::text IS NULL')

interface Row extends Omit<PastTaskRow, 'attempts' | 'run'> {
  readonly run: { readonly id: string; readonly status: string }
  readonly created_at: Date
  readonly started_at: Date | null
  readonly ended_at: Date | null
  readonly logical_date: Date | null
}

/** The instances that were queued, of the runs that were asked for in the range, the newest runs first, `limit` at most. */
export async function findPastTasks(
  db: Reader,
  past: PastRuns & { readonly taskKey: string | null },
  limit: number,
): Promise<PastTaskRow[]> {
  const { dagId, projectId, from, to, taskKey } = past
  const text = dagId !== null ? OF_DAG : projectId !== null ? OF_PROJECT : OF_ALL
  const { rows } = await db.query<Row>({ text, values: [dagId ?? projectId, from, to, limit, taskKey] })
  const attempts = await listAttempts(
    db,
    rows.map(({ id }) => id),
  )
  return rows.map(({ id, queuedAt, endedAt, run, created_at, started_at, ended_at, logical_date }) => {
    const times = { createdAt: created_at, startedAt: started_at, endedAt: ended_at, logicalDate: logical_date }
    return { id, queuedAt, endedAt, attempts: attempts.get(id) ?? [], run: { ...run, ...times } }
  })
}
