import stringWidth from 'string-width'
import type { Terminal } from '../terminal.js'
import { printable } from './printable.js'

/** A column: its head and what it shows of a row; null and undefined show as `-`. */
export interface Column<Row> {
  readonly head: string
  readonly cell: (row: Row) => string | number | null | undefined
  /** Applied to the padded cell. */
  readonly paint?: (text: string, row: Row) => string
  readonly align?: 'right'
}

/** The lines of a table, columns two spaces apart, no spaces at the ends. Widths are those on a terminal. */
export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = rows.map((row) => columns.map((column) => printable(String(column.cell(row) ?? '-'))))
  const widths = columns.map((column, index) =>
    cells.reduce((widest, row) => Math.max(widest, widthOf(row[index] ?? '')), widthOf(column.head)),
  )
  const line = (texts: readonly string[], paint: (text: string, index: number) => string): string =>
    texts
      .map((text, index) => paint(pad(text, widths[index] ?? 0, columns[index]?.align), index))
      .join('  ')
      .trimEnd()
  return [
    line(
      columns.map((column) => column.head),
      (text) => text,
    ),
    ...rows.map((row, at) => line(cells[at] ?? [], (text, index) => columns[index]?.paint?.(text, row) ?? text)),
  ]
}

/** Prints a table, or the sentence `empty` when there are no rows. */
export function printTable<Row>(
  terminal: Terminal,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  empty: string,
): void {
  if (rows.length === 0) {
    terminal.note(empty)
    return
  }
  const [head = '', ...body] = tableLines(columns, rows)
  terminal.print(terminal.colour('bold', head))
  for (const line of body) terminal.print(line)
}

/** Prints what one thing is, a line each: `head` and its name above what each of its fields says; null shows as `-`. */
export function printFields(
  terminal: Terminal,
  head: string,
  name: string,
  fields: readonly (readonly [string, string | null])[],
): void {
  const columns: Column<(typeof fields)[number]>[] = [
    { head, cell: ([field]) => field },
    { head: name, cell: ([, value]) => value },
  ]
  printTable(terminal, columns, fields, '')
}

function widthOf(text: string): number {
  return stringWidth(text)
}

function pad(text: string, width: number, align?: 'right'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'right' ? space + text : text + space
}
