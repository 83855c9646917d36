import type { DagEvent, ScheduleAdvance } from '../../domain/dag/dag.js'
import type { Schedule } from '../../domain/schedule/schedule.js'
import type { Statement } from '../../platform/statement.js'
import { type AppliedEvent, columns, type Projection } from '../projection.js'

/** The schedule of each DAG that has, or had, one: what it says, how far it has come, how often it fired. */
export const scheduleProjection: Projection = {
  name: 'schedules',
  tables: ['schedule'],
  statements(events) {
    const rows = new Map<string, ScheduleChange>()
    for (const applied of events) {
      if (!MEANT.has(applied.type)) continue
      const row = rows.get(applied.streamId) ?? noChange(applied)
      rows.set(applied.streamId, fold(row, applied as unknown as DagEvent, applied.recordedAt))
    }
    const all = [...rows.values()]
    return [...upsert(all.filter((row) => row.changed !== null)), ...update(all.filter((row) => row.changed === null))]
  },
}

const MEANT: ReadonlySet<string> = new Set([
  'DagScheduleChanged',
  'DagScheduleAdvanced',
  'DagEnabled',
  'DagDisabled',
  'DagDeleted',
])

/** What a batch of events changes in one row. */
interface ScheduleChange {
  readonly dagId: string
  readonly projectId: string | null
  readonly changed: { readonly schedule: Schedule | null; readonly at: Date } | null
  readonly through: Date | null
  readonly nextAt: Date | null
  readonly fired: number
  readonly missed: number
  readonly skipped: number
  readonly dropped: number
}

function noChange({ streamId: dagId, projectId }: AppliedEvent): ScheduleChange {
  const counts = { fired: 0, missed: 0, skipped: 0, dropped: 0 }
  return { dagId, projectId, changed: null, through: null, nextAt: null, ...counts }
}

/** `nextAt` is the moment itself where nobody has looked yet what comes: then a scheduler looks at once. */
function fold(row: ScheduleChange, event: DagEvent, at: Date): ScheduleChange {
  switch (event.type) {
    case 'DagScheduleChanged':
      return { ...row, changed: { schedule: event.data.schedule, at }, through: later(row.through, at), nextAt: at }
    case 'DagScheduleAdvanced':
      return advanced(row, event.data)
    case 'DagEnabled':
      // What would have fired while it was disabled is not owed.
      return { ...row, through: later(row.through, at), nextAt: at }
    default:
      return { ...row, nextAt: null }
  }
}

function advanced(row: ScheduleChange, advance: ScheduleAdvance): ScheduleChange {
  return {
    ...row,
    through: later(row.through, new Date(advance.through)),
    nextAt: advance.nextAt === null ? null : new Date(advance.nextAt),
    fired: row.fired + advance.fired.length,
    missed: row.missed + advance.missed,
    skipped: row.skipped + advance.skipped.length,
    dropped: row.dropped + advance.dropped.length,
  }
}

function later(one: Date | null, other: Date): Date {
  return one !== null && one > other ? one : other
}

/** A DAG that is disabled, or has no schedule any more, has no next time. The DAG's own row is written before. */
const UPSERT = `
  INSERT INTO schedule AS s (dag_id, project_id, schedule, anchor_at, through, next_at, fired, missed, skipped, dropped)
  SELECT u.dag_id, u.project_id, u.schedule, u.anchor_at, u.through,
    CASE WHEN u.schedule IS NOT NULL AND d.is_enabled THEN u.next_at END, u.fired, u.missed, u.skipped, u.dropped
  FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
    $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])
    AS u(dag_id, project_id, schedule, anchor_at, through, next_at, fired, missed, skipped, dropped)
  JOIN dag d ON d.id = u.dag_id
  ON CONFLICT (dag_id) DO UPDATE SET schedule = excluded.schedule, anchor_at = excluded.anchor_at,
    through = greatest(s.through, excluded.through), next_at = excluded.next_at, fired = s.fired + excluded.fired,
    missed = s.missed + excluded.missed, skipped = s.skipped + excluded.skipped, dropped = s.dropped + excluded.dropped`

function upsert(rows: readonly ScheduleChange[]): Statement[] {
  if (rows.length === 0) return []
  const values = columns(
    rows,
    (row) => row.dagId,
    (row) => row.projectId,
    (row) => (row.changed?.schedule ? JSON.stringify(row.changed.schedule) : null),
    (row) => row.changed?.at,
    (row) => row.through,
    (row) => row.nextAt,
    (row) => row.fired,
    (row) => row.missed,
    (row) => row.skipped,
    (row) => row.dropped,
  )
  return [{ name: 'upsert-schedules', text: UPSERT, values }]
}

const UPDATE = `
  UPDATE schedule AS s SET through = greatest(s.through, u.through),
    next_at = CASE WHEN s.schedule IS NOT NULL AND d.is_enabled THEN u.next_at END, fired = s.fired + u.fired,
    missed = s.missed + u.missed, skipped = s.skipped + u.skipped, dropped = s.dropped + u.dropped
  FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
    AS u(dag_id, through, next_at, fired, missed, skipped, dropped)
  JOIN dag d ON d.id = u.dag_id
  WHERE s.dag_id = u.dag_id`

function update(rows: readonly ScheduleChange[]): Statement[] {
  if (rows.length === 0) return []
  const values = columns(
    rows,
    (row) => row.dagId,
    (row) => row.through,
    (row) => row.nextAt,
    (row) => row.fired,
    (row) => row.missed,
    (row) => row.skipped,
    (row) => row.dropped,
  )
  return [{ name: 'update-schedules', text: UPDATE, values }]
}
