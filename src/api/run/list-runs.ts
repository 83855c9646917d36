import { type RunFilter, type RunOrderField, runKeyOf, runList } from '../../projections/run/list-runs.js'
import type { RunRow } from '../../projections/run/run-row.js'
import type { KeyPart } from '../cursor.js'
import { CursorCodec } from '../cursor.js'
import type { ListField } from '../list-field.js'
import type { RunOrder } from './run.input.js'

const NEWEST_FIRST: RunOrder = { field: 'CREATED_AT', direction: 'DESC' }

const PARTS: { readonly [Field in RunOrderField]: KeyPart } = {
  CREATED_AT: 'time',
  STARTED_AT: 'time',
  ENDED_AT: 'time',
  DURATION: 'number',
}

/** A list of the runs of projects or DAGs, in the order given (default: newest first). */
export function runField(
  parent: 'project' | 'dag' | 'backfill',
  filter: RunFilter | null | undefined,
  orderBy?: RunOrder | null,
): ListField<RunRow> {
  const order = orderBy ?? NEWEST_FIRST
  return {
    list: runList(parent, filter ?? {}, order),
    cursors: new CursorCodec(`runs.${order.field}.${order.direction}`, [PARTS[order.field], 'text']),
    keyOf: runKeyOf(order.field),
    isTotalNullable: true,
  }
}
