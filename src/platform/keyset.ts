/** Where a page of a list begins and how much of it is wanted. */
export interface Page {
  /** Rows wanted; queries ask for one more, which tells whether the list goes on. */
  readonly limit: number
  /** From the list's end towards its beginning. */
  readonly isBackward: boolean
  /** The sort key of the row next to the page, exclusive; null: from the list's beginning (or end). */
  readonly from: readonly KeyValue[] | null
}

export type KeyValue = string | number | Date | null

/** A column of a sort key with its cast; not null, and the last one unique. */
export interface KeyColumn {
  readonly sql: string
  readonly cast: 'timestamptz' | 'text' | 'bigint' | 'integer' | 'double precision'
}

export interface KeysetSql {
  /** A condition, `TRUE` on the first page. */
  readonly where: string
  /** What follows ORDER BY. */
  readonly orderBy: string
  /** `limit + 1`, as text of SQL. */
  readonly limit: string
  /** For the parameters that `where` names, from `firstParameter` on. */
  readonly values: readonly KeyValue[]
}

/** The SQL of one page of a list that is ordered by these columns, all of them in the same direction. */
export function keysetSql(
  columns: readonly KeyColumn[],
  direction: 'ASC' | 'DESC',
  page: Page,
  firstParameter: number,
): KeysetSql {
  const isAscending = (direction === 'ASC') !== page.isBackward
  const orderBy = columns.map(({ sql }) => `${sql} ${isAscending ? 'ASC' : 'DESC'}`).join(', ')
  const limit = String(page.limit + 1)
  if (page.from === null) return { where: 'TRUE', orderBy, limit, values: [] }
  const left = columns.map(({ sql }) => sql).join(', ')
  const right = columns.map(({ cast }, index) => `$${firstParameter + index}::${cast}`).join(', ')
  return { where: `(${left}) ${isAscending ? '>' : '<'} (${right})`, orderBy, limit, values: page.from }
}
