import type { List } from '../../projections/list.js'
import type { InstanceRow } from '../../projections/run/instance-row.js'
import { CursorCodec } from '../cursor.js'
import type { ListField } from '../list-field.js'
import { LARGE_PAGE_CAP } from '../paging.js'

const BY_ORDINAL = new CursorCodec('instances', ['number'])
const NEWEST = new CursorCodec('newestInstances', ['time', 'text', 'number'])
const BY_ID = new CursorCodec('runningInstances', ['text'])

/** Instances in the file's order. */
export function inFileOrder(list: List): ListField<InstanceRow> {
  return { list, cursors: BY_ORDINAL, keyOf: ({ ordinal }) => [ordinal], cap: LARGE_PAGE_CAP, isTotalNullable: true }
}

/** Instances by when their runs were requested. */
export function newestFirst(list: List): ListField<InstanceRow> {
  const keyOf = ({ createdAt, runId, ordinal }: InstanceRow) => [createdAt, runId, ordinal]
  return { list, cursors: NEWEST, keyOf, cap: LARGE_PAGE_CAP, isTotalNullable: true }
}

/** Instances by id. */
export function inIdOrder(list: List): ListField<InstanceRow> {
  return { list, cursors: BY_ID, keyOf: ({ id }) => [id], cap: LARGE_PAGE_CAP, isTotalNullable: true }
}
