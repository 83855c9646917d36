import type { KeyColumn, KeyValue } from '../../platform/keyset.js'
import { type Condition, containing, type List, where } from '../list.js'
import { RUN_COLUMNS, type RunRow } from './run-row.js'

/** What a list of runs is limited to; every given part must hold. */
export interface RunFilter {
  readonly dagId?: string | null
  readonly kind?: string | null
  readonly statuses?: readonly string[] | null
  readonly triggers?: readonly string[] | null
  /** All of them. */
  readonly tags?: readonly string[] | null
  readonly createdById?: string | null
  /** Part of the name, in either case. */
  readonly search?: string | null
  readonly createdFrom?: Date | null
  readonly createdTo?: Date | null
  readonly logicalDateFrom?: Date | null
  readonly logicalDateTo?: Date | null
  readonly parentRunId?: string | null
  readonly backfillId?: string | null
}

export type RunOrderField = 'CREATED_AT' | 'STARTED_AT' | 'ENDED_AT' | 'DURATION'

export interface RunOrder {
  readonly field: RunOrderField
  readonly direction: 'ASC' | 'DESC'
}

/** What has not happened yet counts as later, and as longer, than everything that has. */
const NOT_YET = new Date('9999-12-31T00:00:00.000Z')
const NOT_YET_SQL = `'9999-12-31 00:00:00+00'::timestamptz`
const ENDLESS_SECONDS = 1e12

/** The expressions of migrations/0005-read-indexes.ts, to the letter. */
const FIELDS: { readonly [Field in RunOrderField]: { column: KeyColumn; valueOf: (run: RunRow) => KeyValue } } = {
  CREATED_AT: { column: { sql: 'r.created_at', cast: 'timestamptz' }, valueOf: (run) => run.createdAt },
  STARTED_AT: {
    column: { sql: `coalesce(r.started_at, ${NOT_YET_SQL})`, cast: 'timestamptz' },
    valueOf: (run) => run.startedAt ?? NOT_YET,
  },
  ENDED_AT: {
    column: { sql: `coalesce(r.ended_at, ${NOT_YET_SQL})`, cast: 'timestamptz' },
    valueOf: (run) => run.endedAt ?? NOT_YET,
  },
  DURATION: {
    column: {
      sql: 'coalesce(extract(epoch FROM r.ended_at - r.started_at)::double precision, 1e12::double precision)',
      cast: 'double precision',
    },
    valueOf: ({ startedAt, endedAt }) =>
      startedAt && endedAt ? (endedAt.getTime() - startedAt.getTime()) / 1_000 : ENDLESS_SECONDS,
  },
}

/** A run's place in a list of that order: what its cursor holds. */
export function runKeyOf(field: RunOrderField): (run: RunRow) => readonly KeyValue[] {
  const { valueOf: orderValue } = FIELDS[field]
  return (run) => [orderValue(run), run.id]
}

const FROM = { project: 'run r', dag: 'run r', backfill: 'run r JOIN backfill_run br ON br.run_id = r.id' }
const PARENTS = { project: 'r.project_id', dag: 'r.dag_id', backfill: 'br.backfill_id' }

/** Runs of projects, or of DAGs, in an order that an index has for either; or those of backfills, which are few. */
export function runList(parent: 'project' | 'dag' | 'backfill', filter: RunFilter, order: RunOrder): List {
  return {
    select: RUN_COLUMNS,
    from: FROM[parent],
    parent: PARENTS[parent],
    conditions: conditionsOf(filter),
    key: [FIELDS[order.field].column, { sql: 'r.id', cast: 'text' }],
    direction: order.direction,
  }
}

function conditionsOf(filter: RunFilter): Condition[] {
  return [
    ...where('r.dag_id = $?::text', filter.dagId),
    ...where('r.kind = $?::text', filter.kind),
    ...where('r.status = ANY($?::text[])', filter.statuses),
    ...where('r.trigger = ANY($?::text[])', filter.triggers),
    ...where('r.tags @> $?::text[]', filter.tags),
    ...madeBy(filter.createdById),
    ...where('r.name ILIKE $?::text', filter.search ? containing(filter.search) : null),
    ...where('r.created_at >= $?::timestamptz', filter.createdFrom),
    ...where('r.created_at < $?::timestamptz', filter.createdTo),
    ...where('r.logical_date >= $?::timestamptz', filter.logicalDateFrom),
    ...where('r.logical_date < $?::timestamptz', filter.logicalDateTo),
    ...where('r.parent_run_id = $?::text', filter.parentRunId),
    ...where('r.id IN (SELECT run_id FROM backfill_run WHERE backfill_id = $?::text)', filter.backfillId),
  ]
}

/** By the user, or by a token of the user's. */
function madeBy(userId: string | null | undefined): Condition[] {
  if (userId === null || userId === undefined) return []
  const sql = 'r.created_by IN (SELECT $?::text UNION ALL SELECT id FROM api_token WHERE user_id = $?::text)'
  return [{ sql, values: [userId, userId] }]
}
