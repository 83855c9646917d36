import DataLoader from 'dataloader'
import type { KeyValue, Page } from '../platform/keyset.js'
import { countEach, countMerged, type List, readMerged, readPages } from '../projections/list.js'
import { type Connection, connectionFrom } from './connection.js'
import type { Context } from './context.js'
import type { CursorCodec } from './cursor.js'
import { type PageArgs, pageOf } from './paging.js'

/** A list as a field answers it. */
export interface ListField<Row> {
  readonly list: List
  readonly cursors: CursorCodec
  readonly keyOf: (row: Row) => readonly KeyValue[]
  /** Of `first` and `last`; default 100. */
  readonly cap?: number
  /** Whether totalCount is null above 100,000. */
  readonly isTotalNullable?: boolean
}

const MAX_TOTAL = 100_000
const ANY_TOTAL = 2_147_483_646

/** A page of the list of these parents together; null: of whatever parent. */
export async function listAcross<Row extends object>(
  context: Context,
  field: ListField<Row>,
  args: PageArgs,
  parents: readonly string[] | null,
): Promise<Connection<Row>> {
  const db = context.services.database.pool
  const { list, cursors, keyOf } = field
  const page = pageOf(args, cursors, field.cap)
  const rows = await readMerged<Row>(db, list, parents, page)
  const totalCount = async () => total(field, await countMerged(db, list, parents, maxOf(field)))
  return connectionFrom({ rows, page, cursors, keyOf, totalCount })
}

/**
 * The parent's own page. All parents for which the operation selects the field `name` with the same arguments are read
 * in one statement, and counted in one.
 */
export async function listWithin<Row extends object>(
  context: Context,
  name: string,
  field: ListField<Row>,
  args: PageArgs & object,
  parent: string,
): Promise<Connection<Row>> {
  const { list, cursors, keyOf } = field
  const page = pageOf(args, cursors, field.cap)
  const key = `list:${name}:${JSON.stringify([args, list.conditions])}`
  const rows = await context.loaders.get(key, () => pagesLoader<Row>(context, list, page)).load(parent)
  const totalCount = async () => {
    const count = await context.loaders
      .get(`${key}:count`, () => countsLoader(context, list, maxOf(field)))
      .load(parent)
    return total(field, count)
  }
  return connectionFrom({ rows, page, cursors, keyOf, totalCount })
}

function pagesLoader<Row extends object>(context: Context, list: List, page: Page): DataLoader<string, Row[]> {
  return new DataLoader<string, Row[]>(async (parents) => {
    const pages = await readPages<Row>(context.services.database.pool, list, parents, page)
    return parents.map((parent) => pages.get(parent) ?? [])
  })
}

function countsLoader(context: Context, list: List, max: number): DataLoader<string, number> {
  return new DataLoader<string, number>(async (parents) => {
    const counts = await countEach(context.services.database.pool, list, parents, max)
    return parents.map((parent) => counts.get(parent) ?? 0)
  })
}

function maxOf({ isTotalNullable }: Pick<ListField<never>, 'isTotalNullable'>): number {
  return isTotalNullable === true ? MAX_TOTAL : ANY_TOTAL
}

function total(field: Pick<ListField<never>, 'isTotalNullable'>, count: number): number | null {
  return count > maxOf(field) ? null : count
}
