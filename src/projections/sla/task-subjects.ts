import type { Reader } from '../list.js'
import { MAX_SUBJECTS } from './run-subjects.js'

/** Where an SLA looks for instances, and which of them can break it at all. */
export interface TasksWanted {
  readonly slaId: string
  readonly projectId: string | null
  readonly dagId: string | null
  readonly taskKey: string | null
  /** Of those that wait, only those that were queued by then (null: any), and whether any are wanted. */
  readonly queuedBy: Date | null
  readonly isWaitingWanted: boolean
  /** Of those that run, only those whose attempt started by then (null: any), and whether any are wanted. */
  readonly startedBy: Date | null
  readonly isRunningWanted: boolean
}

/** An instance that an SLA watches, with its run. */
export interface TaskSubject {
  readonly slaId: string
  readonly id: string
  readonly runId: string
  /** Null: it does not wait. */
  readonly queuedAt: Date | null
  readonly startedAt: Date | null
  readonly run: {
    readonly status: string
    readonly createdAt: Date
    readonly startedAt: Date | null
    readonly logicalDate: Date | null
  }
}

/** Whether the instance `i` is of the task of `w`, if that names one; an element of a forEach is one of its task's. */
export const OF_TASK = `(w.task_key IS NULL OR i.task_key = w.task_key OR starts_with(i.task_key, w.task_key || '['))`
const OF_SCOPE = `(w.project_id IS NULL OR i.project_id = w.project_id) AND (w.dag_id IS NULL OR i.dag_id = w.dag_id)
      AND ${OF_TASK}`

const FIND = `
  SELECT w.sla_id AS "slaId", t.id, t.run_id AS "runId", t.queued_at AS "queuedAt", t.started_at AS "startedAt",
    r.status, r.created_at, r.started_at, r.logical_date
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::boolean[], $7::timestamptz[], $8::boolean[])
    AS w(sla_id, project_id, dag_id, task_key, queued_by, is_waiting_wanted, started_by, is_running_wanted)
  CROSS JOIN LATERAL (
    (SELECT i.id, i.run_id, e.queued_at, NULL::timestamptz AS started_at
      FROM queue_entry e JOIN instance i ON i.id = e.instance_id
      WHERE w.is_waiting_wanted AND (w.queued_by IS NULL OR e.queued_at <= w.queued_by) AND ${OF_SCOPE}
      ORDER BY e.queued_at, i.id LIMIT ${MAX_SUBJECTS})
    UNION ALL
    (SELECT i.id, i.run_id, NULL, a.started_at
      FROM queue_hold h JOIN instance i ON i.id = h.instance_id
      JOIN attempt a ON a.instance_id = i.id AND a.number = i.attempt
      WHERE w.is_running_wanted AND (w.started_by IS NULL OR a.started_at <= w.started_by) AND ${OF_SCOPE}
      ORDER BY a.started_at, i.id LIMIT ${MAX_SUBJECTS})) AS t
  JOIN LATERAL (SELECT r.status, r.created_at, r.started_at, r.logical_date FROM run r WHERE r.id = t.run_id) AS r ON TRUE`

/** The instances of every SLA's scope that wait in a queue or hold capacity; the longest first. */
export async function findTaskSubjects(db: Reader, wanted: readonly TasksWanted[]): Promise<TaskSubject[]> {
  if (wanted.length === 0) return []
  const values = [
    wanted.map(({ slaId }) => slaId),
    wanted.map(({ projectId }) => projectId),
    wanted.map(({ dagId }) => dagId),
    wanted.map(({ taskKey }) => taskKey),
    wanted.map(({ queuedBy }) => queuedBy),
    wanted.map(({ isWaitingWanted }) => isWaitingWanted),
    wanted.map(({ startedBy }) => startedBy),
    wanted.map(({ isRunningWanted }) => isRunningWanted),
  ]
  const { rows } = await db.query<Omit<TaskSubject, 'run'> & RunColumns>({ text: FIND, values })
  return rows.map(({ status, created_at, started_at, logical_date, ...subject }) => ({
    ...subject,
    run: { status, createdAt: created_at, startedAt: started_at, logicalDate: logical_date },
  }))
}

interface RunColumns {
  readonly status: string
  readonly created_at: Date
  readonly started_at: Date | null
  readonly logical_date: Date | null
}
