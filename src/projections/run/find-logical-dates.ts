import type { RunStatus } from '../../domain/run/status.js'
import type { Reader } from '../list.js'

const FIND = `
  SELECT DISTINCT ON (logical_date) logical_date AS date, status FROM run
  WHERE dag_id = $1::text AND logical_date = ANY($2::timestamptz[])
  ORDER BY logical_date, created_at DESC, id DESC`

/** Where the DAG's newest run of each of these logical dates stands, by the date's milliseconds. */
export async function findLogicalDates(
  db: Reader,
  dagId: string,
  dates: readonly Date[],
): Promise<Map<number, RunStatus>> {
  const { rows } = await db.query<{ date: Date; status: RunStatus }>({ text: FIND, values: [dagId, dates] })
  return new Map(rows.map(({ date, status }) => [date.getTime(), status]))
}
