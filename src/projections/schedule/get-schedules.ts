import type { Schedule } from '../../domain/schedule/schedule.js'
import type { Reader } from '../list.js'

/** What a DAG's schedule says, how far it has come and how often it fired. */
export interface ScheduleRow {
  readonly dagId: string
  readonly schedule: Schedule
  /** Since when it is as it is. */
  readonly anchorAt: Date
  /** No time up to here fires any more. */
  readonly through: Date
  readonly fired: number
  readonly missed: number
  readonly skipped: number
  readonly dropped: number
}

/** The columns of `schedule s` as a ScheduleRow. */
export const SCHEDULE_COLUMNS = `s.dag_id AS "dagId", s.schedule, s.anchor_at AS "anchorAt", s.through,
    s.fired::integer, s.missed::integer, s.skipped::integer, s.dropped::integer`

const GET = `SELECT ${SCHEDULE_COLUMNS} FROM schedule s WHERE s.dag_id = ANY($1::text[]) AND s.schedule IS NOT NULL`

/** The schedules of those of the DAGs that have one. */
export async function getSchedules(db: Reader, dagIds: readonly string[]): Promise<Map<string, ScheduleRow>> {
  const { rows } = await db.query<ScheduleRow>({ name: 'get-schedules', text: GET, values: [dagIds] })
  return new Map(rows.map((row) => [row.dagId, row]))
}
