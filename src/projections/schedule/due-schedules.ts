import type { JsonObject } from '../../domain/json.js'
import type { Reader } from '../list.js'
import { SCHEDULE_COLUMNS, type ScheduleRow } from './get-schedules.js'

/** A schedule that is to be looked at, with all that deciding on it takes, as of one moment. */
export interface DueSchedule extends ScheduleRow {
  /** Of the DAG's stream. */
  readonly version: number
  readonly name: string
  readonly projectId: string
  readonly latestVersionId: string
  /** JSON Schema of that version's parameters; null: none is declared. */
  readonly parameters: JsonObject | null
  /** Of its runs those that have not ended, and of these the ones that have not begun. */
  readonly open: number
  readonly queued: number
}

const FIRING = 'schedule s JOIN dag d ON d.id = s.dag_id JOIN project p ON p.id = d.project_id'
const MAY_FIRE = 's.next_at IS NOT NULL AND d.is_enabled AND d.deleted_at IS NULL AND p.archived_at IS NULL'

const DUE = `
  SELECT ${SCHEDULE_COLUMNS}, d.version, d.name, d.project_id AS "projectId", d.latest_version_id AS "latestVersionId",
    v.definition->'parameters' AS parameters, runs.open::integer, runs.queued::integer
  FROM ${FIRING} JOIN dag_version v ON v.id = d.latest_version_id
  CROSS JOIN LATERAL (
    SELECT count(*) AS open, count(*) FILTER (WHERE r.status = 'QUEUED') AS queued FROM run r
    WHERE r.dag_id = s.dag_id AND r.ended_at IS NULL AND r.trigger = 'SCHEDULE') AS runs
  WHERE ${MAY_FIRE} AND s.next_at <= $1::timestamptz
  ORDER BY s.next_at LIMIT $2::integer`

const NEXT = `
  SELECT s.next_at AS at FROM ${FIRING} WHERE ${MAY_FIRE} ORDER BY s.next_at LIMIT 1`

/** What is due at `now`, at most `limit`. */
export async function dueSchedules(db: Reader, now: Date, limit: number): Promise<DueSchedule[]> {
  return (await db.query<DueSchedule>({ name: 'due-schedules', text: DUE, values: [now, limit] })).rows
}

/** When the next one is due; null: none is. */
export async function nextScheduleAt(db: Reader): Promise<Date | null> {
  return (await db.query<{ at: Date }>({ name: 'next-schedule', text: NEXT })).rows[0]?.at ?? null
}
