import type { Reader } from '../list.js'

/** Where an SLA looks for runs, and which of them can break it at all. */
export interface RunsWanted {
  readonly slaId: string
  readonly projectId: string | null
  readonly dagId: string | null
  /** Only runs that have started, or were scheduled, by then; null: any. */
  readonly startedBy: Date | null
  readonly scheduledBy: Date | null
  /** Besides those that go on, those that ended since then; null: none. */
  readonly endedSince: Date | null
}

/** A run that an SLA watches. */
export interface RunSubject {
  readonly slaId: string
  readonly id: string
  readonly status: string
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  readonly logicalDate: Date | null
}

/** Of each SLA. What is beyond is not looked at until there is less. */
export const MAX_SUBJECTS = 1_000

const RUN = `r.id, r.status, r.created_at AS "createdAt", r.started_at AS "startedAt", r.ended_at AS "endedAt",
    r.logical_date AS "logicalDate"`
/** Of a run that has not ended, as the indexes of ended runs have it. */
export const NOT_YET = `'9999-12-31 00:00:00+00'::timestamptz`
/** When the run `r` ended, as these indexes have it. */
export const ENDED = `coalesce(r.ended_at, ${NOT_YET})`

/** Whether the run `r` counts as failed in a rate. */
export const FAILED = `r.status IN ('FAILED', 'TIMED_OUT')`

/** By DAG, or by project where the SLA is of no DAG: each has its index of open runs and of ended ones. */
const open = (where: string) => `
  SELECT w.sla_id AS "slaId", r.* FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
    AS w(sla_id, project_id, dag_id, started_by, scheduled_by)
  CROSS JOIN LATERAL (
    SELECT ${RUN} FROM run r WHERE r.ended_at IS NULL AND ${where}
      AND (w.started_by IS NULL OR r.started_at <= w.started_by)
      AND (w.scheduled_by IS NULL OR coalesce(r.logical_date, r.created_at) <= w.scheduled_by)
    ORDER BY r.id LIMIT ${MAX_SUBJECTS}) AS r`

const ended = (parent: string, parents: string) => `
  SELECT w.sla_id AS "slaId", r.* FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
    AS w(sla_id, project_id, dag_id, ended_since)
  CROSS JOIN LATERAL (
    SELECT part.* FROM ${parents} CROSS JOIN LATERAL (
      SELECT ${RUN} FROM run r
      WHERE r.${parent} = p.id AND ${ENDED} >= w.ended_since AND ${ENDED} < ${NOT_YET}
      ORDER BY ${ENDED} DESC LIMIT ${MAX_SUBJECTS}) AS part
    LIMIT ${MAX_SUBJECTS}) AS r`

const OPEN_OF_DAG = open('r.dag_id = w.dag_id')
const OPEN_WIDE = open('(w.project_id IS NULL OR r.project_id = w.project_id)')
const ENDED_OF_DAG = ended('dag_id', '(SELECT w.dag_id AS id) AS p')
const ENDED_WIDE = ended(
  'project_id',
  `(SELECT w.project_id AS id WHERE w.project_id IS NOT NULL
      UNION ALL SELECT project.id FROM project WHERE w.project_id IS NULL) AS p`,
)

/** The runs of every SLA's scope, those that go on and those that ended lately. */
export async function findRunSubjects(db: Reader, wanted: readonly RunsWanted[]): Promise<RunSubject[]> {
  const ofDag = wanted.filter(({ dagId }) => dagId !== null)
  const wide = wanted.filter(({ dagId }) => dagId === null)
  const parts = await Promise.all([
    openOf(db, OPEN_OF_DAG, ofDag),
    openOf(db, OPEN_WIDE, wide),
    endedOf(db, ENDED_OF_DAG, ofDag),
    endedOf(db, ENDED_WIDE, wide),
  ])
  return parts.flat()
}

async function openOf(db: Reader, text: string, wanted: readonly RunsWanted[]): Promise<RunSubject[]> {
  if (wanted.length === 0) return []
  const values = [
    wanted.map(({ slaId }) => slaId),
    wanted.map(({ projectId }) => projectId),
    wanted.map(({ dagId }) => dagId),
    wanted.map(({ startedBy }) => startedBy),
    wanted.map(({ scheduledBy }) => scheduledBy),
  ]
  return (await db.query<RunSubject>({ text, values })).rows
}

async function endedOf(db: Reader, text: string, all: readonly RunsWanted[]): Promise<RunSubject[]> {
  const wanted = all.filter(({ endedSince }) => endedSince !== null)
  if (wanted.length === 0) return []
  const values = [
    wanted.map(({ slaId }) => slaId),
    wanted.map(({ projectId }) => projectId),
    wanted.map(({ dagId }) => dagId),
    wanted.map(({ endedSince }) => endedSince),
  ]
  return (await db.query<RunSubject>({ text, values })).rows
}

/** Which runs count for a rate. */
export interface RateWanted {
  readonly projectId: string | null
  readonly dagId: string | null
  readonly since: Date
}

export interface Rate {
  readonly endedRuns: number
  readonly failedRuns: number
}

/** However many ended. */
const MAX_COUNTED = 10_000

const rates = (parent: string, parents: string) => `
  SELECT w.n, count(r.*) AS "endedRuns", count(r.*) FILTER (WHERE ${FAILED}) AS "failedRuns"
  FROM unnest($1::text[], $2::text[], $3::timestamptz[]) WITH ORDINALITY AS w(project_id, dag_id, since, n)
  LEFT JOIN LATERAL (
    SELECT part.* FROM ${parents} CROSS JOIN LATERAL (
      SELECT r.status, r.ended_at FROM run r
      WHERE r.${parent} = p.id AND ${ENDED} >= w.since AND ${ENDED} < ${NOT_YET}
      ORDER BY ${ENDED} DESC LIMIT ${MAX_COUNTED}) AS part
    ORDER BY part.ended_at DESC LIMIT ${MAX_COUNTED}) AS r ON TRUE
  GROUP BY w.n`

const RATES_OF_DAG = rates('dag_id', '(SELECT w.dag_id AS id) AS p')
const RATES_WIDE = rates(
  'project_id',
  `(SELECT w.project_id AS id WHERE w.project_id IS NOT NULL
      UNION ALL SELECT project.id FROM project WHERE w.project_id IS NULL) AS p`,
)

/** How many runs ended, and failed or timed out, in each of the windows; of the newest 10,000 that ended. */
export async function findRates(db: Reader, wanted: readonly RateWanted[]): Promise<Rate[]> {
  const found = wanted.map(() => ({ endedRuns: 0, failedRuns: 0 }))
  const read = async (text: string, places: readonly number[]) => {
    if (places.length === 0) return
    const rows = places.map((place) => wanted[place] as RateWanted)
    const values = [
      rows.map(({ projectId }) => projectId),
      rows.map(({ dagId }) => dagId),
      rows.map(({ since }) => since),
    ]
    const answer = await db.query<Rate & { n: number }>({ text, values })
    for (const { n, endedRuns, failedRuns } of answer.rows) found[places[n - 1] as number] = { endedRuns, failedRuns }
  }
  const places = wanted.map((_, place) => place)
  await Promise.all([
    read(
      RATES_OF_DAG,
      places.filter((place) => wanted[place]?.dagId !== null),
    ),
    read(
      RATES_WIDE,
      places.filter((place) => wanted[place]?.dagId === null),
    ),
  ])
  return found
}
