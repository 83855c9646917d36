import type { Statement } from '../../platform/statement.js'
import type { AppliedEvent } from '../projection.js'

/** Columns of a row, by name. */
export type Columns = Readonly<Record<string, unknown>>

/** A table with one row per stream. */
export interface RowTable {
  readonly name: string
  /** The type of a stream's first event, whose columns are all of the row's but id, version and updated_at. */
  readonly madeBy: string
  /** The type of the event that takes the row away; null: rows stay. */
  readonly endedBy: string | null
  /** What changes can touch, besides version and updated_at. */
  readonly changing: readonly string[]
}

interface Change {
  readonly isNew: boolean
  readonly isGone: boolean
  readonly columns: Columns
}

/** At most one delete, one update and one insert, whatever the number of events. `columnsOf`: null for events of others. */
export function rowStatements(
  table: RowTable,
  events: readonly AppliedEvent[],
  columnsOf: (event: AppliedEvent) => Columns | null,
): Statement[] {
  const rows = new Map<string, Change>()
  for (const applied of events) {
    const columns = columnsOf(applied)
    if (columns === null) continue
    const { streamId, version, recordedAt, type } = applied
    const before = rows.get(streamId) ?? { isNew: type === table.madeBy, isGone: false, columns: { id: streamId } }
    const isGone = type === table.endedBy
    rows.set(streamId, {
      ...before,
      isGone,
      columns: { ...before.columns, ...columns, version, updated_at: recordedAt },
    })
  }
  const changes = [...rows.values()]
  const gone = changes.filter(({ isNew, isGone }) => isGone && !isNew).map(({ columns }) => columns.id)
  const left = changes.filter(({ isGone }) => !isGone)
  // In this order: a name that one gives up may be taken by a new one.
  return [
    ...(gone.length === 0 ? [] : [{ text: `DELETE FROM ${table.name} WHERE id = ANY($1::text[])`, values: [gone] }]),
    ...written(updateOf(table), left, false),
    ...written(
      `INSERT INTO ${table.name} SELECT * FROM jsonb_populate_recordset(NULL::${table.name}, $1::jsonb)`,
      left,
      true,
    ),
  ]
}

function written(text: string, changes: readonly Change[], isNew: boolean): Statement[] {
  const mine = changes.filter((change) => change.isNew === isNew).map(({ columns }) => columns)
  return mine.length === 0 ? [] : [{ text, values: [JSON.stringify(mine)] }]
}

function updateOf({ name, changing }: RowTable): string {
  const all = ['version', 'updated_at', ...changing]
  return `
  UPDATE ${name} m SET (${all.join(', ')}) =
    (SELECT ${all.map((column) => `n.${column}`).join(', ')} FROM jsonb_populate_record(m, c.change) AS n)
  FROM jsonb_array_elements($1::jsonb) AS c(change) WHERE m.id = c.change->>'id'`
}
