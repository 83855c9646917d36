import type { BackfillEvent, BackfillRequested } from '../../domain/backfill/backfill.js'
import type { Statement } from '../../platform/statement.js'
import { type AppliedEvent, columns, type Projection, userOf } from '../projection.js'

/** Backfills, and which runs belong to which. */
export const backfillProjection: Projection = {
  name: 'backfills',
  tables: ['backfill', 'backfill_run'],
  statements(events) {
    const requested: NewBackfill[] = []
    const canceled: Cancel[] = []
    for (const applied of events) {
      if (!applied.type.startsWith('Backfill')) continue
      const event = applied as unknown as BackfillEvent
      if (event.type === 'BackfillRequested') requested.push({ applied, data: event.data })
      else canceled.push({ id: applied.streamId, at: applied.recordedAt, reason: event.data.reason })
    }
    return [...insert(requested), ...insertRuns(requested), ...cancel(canceled)]
  },
}

interface NewBackfill {
  readonly applied: AppliedEvent
  readonly data: BackfillRequested
}

interface Cancel {
  readonly id: string
  readonly at: Date
  readonly reason: string | null
}

const INSERT = `
  INSERT INTO backfill (id, project_id, dag_id, from_at, to_at, max_active_runs, created_by, created_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::integer[], $7::text[],
    $8::timestamptz[])`

function insert(rows: readonly NewBackfill[]): Statement[] {
  if (rows.length === 0) return []
  const values = columns(
    rows,
    ({ applied }) => applied.streamId,
    ({ data }) => data.projectId,
    ({ data }) => data.dagId,
    ({ data }) => data.from,
    ({ data }) => data.to,
    ({ data }) => data.maxActiveRuns,
    ({ applied }) => userOf(applied.actor),
    ({ applied }) => applied.recordedAt,
  )
  return [{ name: 'insert-backfills', text: INSERT, values }]
}

const INSERT_RUNS = 'INSERT INTO backfill_run (run_id, backfill_id) SELECT * FROM unnest($1::text[], $2::text[])'

function insertRuns(backfills: readonly NewBackfill[]): Statement[] {
  const rows = backfills.flatMap(({ applied, data }) =>
    data.runs.map(({ runId }) => ({ runId, backfillId: applied.streamId })),
  )
  if (rows.length === 0) return []
  const values = columns(
    rows,
    ({ runId }) => runId,
    ({ backfillId }) => backfillId,
  )
  return [{ name: 'insert-backfill-runs', text: INSERT_RUNS, values }]
}

const CANCEL = `
  UPDATE backfill SET canceled_at = u.at, cancel_reason = u.reason
  FROM unnest($1::text[], $2::timestamptz[], $3::text[]) AS u(id, at, reason) WHERE backfill.id = u.id`

function cancel(rows: readonly Cancel[]): Statement[] {
  if (rows.length === 0) return []
  const values = columns(
    rows,
    ({ id }) => id,
    ({ at }) => at,
    ({ reason }) => reason,
  )
  return [{ name: 'cancel-backfills', text: CANCEL, values }]
}
