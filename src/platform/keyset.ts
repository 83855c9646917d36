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

/**
 * The SQL of one page of a list that is ordered by these columns, all of them in the same direction. `indexed`: how many
 * of the first columns an index leads to, where the rest stands in another table; what goes before the page is then
 * passed over by that index. Default: all.
 */
export function keysetSql(
  columns: readonly KeyColumn[],
  direction: 'ASC' | 'DESC',
  page: Page,
  firstParameter: number,
  indexed = columns.length,
): KeysetSql {
  const isAscending = (direction === 'ASC') !== page.isBackward
  const orderBy = columns.map(({ sql }) => `${sql} ${isAscending ? 'ASC' : 'DESC'}`).join(', ')
  const limit = String(page.limit + 1)
  if (page.from === null) return { where: 'TRUE', orderBy, limit, values: [] }
  const compared = (count: number, operator: string): string => {
    const left = columns.slice(0, count).map(({ sql }) => sql)
    const right = columns.slice(0, count).map(({ cast }, index) => `$${firstParameter + index}::${cast}`)
    return `(${left.join(', ')}) ${operator} (${right.join(', ')})`
  }
  const operator = isAscending ? '>' : '<'
  const isWhole = indexed === columns.length
  const where = [...(isWhole ? [] : [compared(indexed, `${operator}=`)]), compared(columns.length, operator)]
  return { where: where.join(' AND '), orderBy, limit, values: page.from }
}
