import type { Reader } from '../list.js'
import { RUN_COLUMNS, type RunRow } from '../run/run-row.js'

/** Which runs of the past an SLA would have watched. */
export interface PastRuns {
  readonly projectId: string | null
  readonly dagId: string | null
  readonly from: Date
  readonly to: Date
}

/** By DAG, by project or at all: each way has its index. */
const read = (where: string) => `
  SELECT ${RUN_COLUMNS} FROM run r
  WHERE ${where} AND r.created_at >= $2::timestamptz AND r.created_at < $3::timestamptz
  ORDER BY r.created_at DESC, r.id DESC LIMIT $4::integer`

const OF_DAG = read('r.dag_id = $1::text')
const OF_PROJECT = read('r.project_id = $1::text')
const OF_ALL = read('$1::text IS NULL')

/** Those that were asked for in the range, the newest first, `limit` at most. */
export async function findPastRuns(db: Reader, past: PastRuns, limit: number): Promise<RunRow[]> {
  const { dagId, projectId, from, to } = past
  const text = dagId !== null ? OF_DAG : projectId !== null ? OF_PROJECT : OF_ALL
  return (await db.query<RunRow>({ text, values: [dagId ?? projectId, from, to, limit] })).rows
}
