import type { ClientBase, Pool } from 'pg'
import { type KeyColumn, type KeysetSql, keysetSql, type Page } from '../platform/keyset.js'

/** Where queries of the read side run: a pool, or the connection of a transaction. */
export type Reader = Pick<ClientBase | Pool, 'query'>

/** One more condition of a list; each `$?` stands for the next of its values. */
export interface Condition {
  readonly sql: string
  readonly values: readonly unknown[]
}

/** A list as its query needs it: what is selected, whose it is, what else must hold, and in which order it stands. */
export interface List {
  readonly select: string
  readonly from: string
  /** The column that names whose list it is: `r.project_id`. */
  readonly parent: string
  readonly conditions: readonly Condition[]
  /** Ends in a unique column. */
  readonly key: readonly KeyColumn[]
  /** How many of the key's first columns an index leads to, where the rest stands in another table. */
  readonly indexed?: number
  readonly direction: 'ASC' | 'DESC'
}

/**
 * One page of the list of all these parents together, `page.limit + 1` rows at most; null: of whatever parent. Every
 * parent's part is read from an index that begins with the parent, so the cost follows the page and the number of
 * parents, never the length of the list.
 */
export async function readMerged<Row extends object>(
  db: Reader,
  list: List,
  parents: readonly string[] | null,
  page: Page,
): Promise<Row[]> {
  if (parents !== null && parents.length > 1) return readAcross<Row>(db, list, parents, page)
  if (parents?.length === 0) return []
  const statement = new Statement()
  const keyset = statement.keyset(list, page)
  const ofParent = parents === null ? 'TRUE' : `${list.parent} = ${statement.add(parents[0])}::text`
  const text = `SELECT ${list.select} FROM ${list.from}
    WHERE ${ofParent} AND ${statement.conditions(list)} AND ${keyset.where} ORDER BY ${keyset.orderBy} LIMIT ${keyset.limit}`
  return (await db.query<Row>({ text, values: statement.values })).rows
}

async function readAcross<Row extends object>(
  db: Reader,
  list: List,
  parents: readonly string[],
  page: Page,
): Promise<Row[]> {
  const statement = new Statement()
  const keyset = statement.keyset(list, page)
  const text = `SELECT row.* FROM unnest(${statement.add(parents)}::text[]) AS parent(id)
    CROSS JOIN LATERAL (${partOf(statement, list, keyset)}) AS row
    ORDER BY ${sortColumns(list, page)} LIMIT ${keyset.limit}`
  return (await db.query<Row>({ text, values: statement.values })).rows
}

/** The same page of each parent's own list, in one statement. */
export async function readPages<Row extends object>(
  db: Reader,
  list: List,
  parents: readonly string[],
  page: Page,
): Promise<Map<string, Row[]>> {
  const statement = new Statement()
  const keyset = statement.keyset(list, page)
  const text = `SELECT parent.id AS "parentId", row.*
    FROM unnest(${statement.add(parents)}::text[]) WITH ORDINALITY AS parent(id, n)
    CROSS JOIN LATERAL (${partOf(statement, list, keyset)}) AS row
    ORDER BY parent.n, ${sortColumns(list, page)}`
  const { rows } = await db.query<Row & { parentId: string }>({ text, values: statement.values })
  const pages = new Map<string, Row[]>(parents.map((parent) => [parent, []]))
  for (const row of rows) pages.get(row.parentId)?.push(row)
  return pages
}

/** How long the list of these parents is, counted up to `max + 1`; null: of whatever parent. */
export async function countMerged(
  db: Reader,
  list: List,
  parents: readonly string[] | null,
  max: number,
): Promise<number> {
  const statement = new Statement()
  const ofParents = parents === null ? 'TRUE' : `${list.parent} = ANY(${statement.add(parents)}::text[])`
  const text = `SELECT count(*) AS count FROM (SELECT FROM ${list.from}
    WHERE ${ofParents} AND ${statement.conditions(list)} LIMIT ${max + 1}) AS counted`
  const { rows } = await db.query<{ count: number }>({ text, values: statement.values })
  return rows[0]?.count ?? 0
}

/** How long each parent's own list is, counted up to `max + 1`. */
export async function countEach(
  db: Reader,
  list: List,
  parents: readonly string[],
  max: number,
): Promise<Map<string, number>> {
  const statement = new Statement()
  const text = `SELECT parent.id, counted.count FROM unnest(${statement.add(parents)}::text[]) AS parent(id)
    CROSS JOIN LATERAL (SELECT count(*) AS count FROM (SELECT FROM ${list.from}
      WHERE ${list.parent} = parent.id AND ${statement.conditions(list)} LIMIT ${max + 1}) AS part) AS counted`
  const { rows } = await db.query<{ id: string; count: number }>({ text, values: statement.values })
  return new Map(rows.map(({ id, count }) => [id, count]))
}

/** A condition for each value that is given: `where('r.kind = $?::text', filter.kind)`. */
export function where(sql: string, value: unknown): Condition[] {
  return value === undefined || value === null ? [] : [{ sql, values: [value] }]
}

/** The text as a pattern of ILIKE that finds it anywhere. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`
}

/** Collects the parameters of one statement as its text is written. */
class Statement {
  readonly values: unknown[] = []

  add(value: unknown): string {
    this.values.push(value)
    return `$${this.values.length}`
  }

  conditions({ conditions }: List): string {
    if (conditions.length === 0) return 'TRUE'
    const texts = conditions.map(({ sql, values }) => {
      let at = 0
      return `(${sql.replace(/\$\?/g, () => this.add(values[at++]))})`
    })
    return texts.join(' AND ')
  }

  keyset({ key, direction, indexed }: List, page: Page): KeysetSql {
    const sql = keysetSql(key, direction, page, this.values.length + 1, indexed)
    this.values.push(...sql.values)
    return sql
  }
}

function partOf(statement: Statement, list: List, keyset: KeysetSql): string {
  const sortKeys = list.key.map(({ sql }, index) => `${sql} AS sort_${index}`).join(', ')
  return `SELECT ${list.select}, ${sortKeys} FROM ${list.from}
    WHERE ${list.parent} = parent.id AND ${statement.conditions(list)} AND ${keyset.where}
    ORDER BY ${keyset.orderBy} LIMIT ${keyset.limit}`
}

function sortColumns({ key, direction }: List, page: Page): string {
  const isAscending = (direction === 'ASC') !== page.isBackward
  return key.map((_, index) => `row.sort_${index} ${isAscending ? 'ASC' : 'DESC'}`).join(', ')
}
