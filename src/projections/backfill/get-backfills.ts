import type { RunStatus } from '../../domain/run/status.js'
import type { Reader } from '../list.js'

/** A backfill as it is shown. */
export interface BackfillRow {
  readonly id: string
  readonly projectId: string
  readonly dagId: string
  readonly from: Date
  readonly to: Date
  readonly createdById: string | null
  readonly createdAt: Date
}

const COLUMNS = `b.id, b.project_id AS "projectId", b.dag_id AS "dagId", b.from_at AS "from", b.to_at AS "to",
    b.created_by AS "createdById", b.created_at AS "createdAt"`

const GET = `
  SELECT ${COLUMNS} FROM backfill b
  WHERE b.id = ANY($1::text[]) AND ($2::text[] IS NULL OR b.project_id = ANY($2::text[]))`

const OF_RUNS = `
  SELECT br.run_id AS "runId", ${COLUMNS} FROM backfill_run br JOIN backfill b ON b.id = br.backfill_id
  WHERE br.run_id = ANY($1::text[])`

/** As a run's: it has ended when all of its runs have, FAILED if any did not succeed, and CANCELED if that was asked for. */
const STATUSES = `
  SELECT b.id, CASE
    WHEN b.canceled_at IS NOT NULL THEN CASE WHEN count(r.id) FILTER (WHERE r.ended_at IS NULL) > 0 THEN 'CANCELING' ELSE 'CANCELED' END
    WHEN bool_and(r.ended_at IS NOT NULL) THEN CASE WHEN bool_and(r.status = 'SUCCEEDED') THEN 'SUCCEEDED' ELSE 'FAILED' END
    WHEN bool_and(r.status = 'QUEUED') THEN 'QUEUED' ELSE 'RUNNING' END AS status
  FROM backfill b JOIN backfill_run br ON br.backfill_id = b.id JOIN run r ON r.id = br.run_id
  WHERE b.id = ANY($1::text[]) GROUP BY b.id`

/** Those of the backfills that exist in the projects (null: in any), in no order. */
export async function getBackfills(
  db: Reader,
  ids: readonly string[],
  projects: readonly string[] | null,
): Promise<BackfillRow[]> {
  return (await db.query<BackfillRow>({ name: 'get-backfills', text: GET, values: [ids, projects] })).rows
}

/** The backfills that the runs belong to, by run. */
export async function getBackfillsOfRuns(db: Reader, runIds: readonly string[]): Promise<Map<string, BackfillRow>> {
  const { rows } = await db.query<BackfillRow & { runId: string }>({ text: OF_RUNS, values: [runIds] })
  return new Map(rows.map(({ runId, ...row }) => [runId, row]))
}

/** How the backfills are doing. */
export async function getBackfillStatuses(db: Reader, ids: readonly string[]): Promise<Map<string, RunStatus>> {
  const { rows } = await db.query<{ id: string; status: RunStatus }>({ text: STATUSES, values: [ids] })
  return new Map(rows.map(({ id, status }) => [id, status]))
}

const DATES = `
  SELECT r.logical_date AS date FROM backfill_run br JOIN run r ON r.id = br.run_id
  WHERE br.backfill_id = $1::text ORDER BY r.logical_date`

/** The logical dates of its runs, ascending. */
export async function getBackfillDates(db: Reader, id: string): Promise<Date[]> {
  return (await db.query<{ date: Date }>({ text: DATES, values: [id] })).rows.map(({ date }) => date)
}
