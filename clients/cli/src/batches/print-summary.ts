import { printable } from '../output/printable.js'
import { type Column, printTable } from '../output/table.js'
import { duration } from '../output/time.js'
import type { Terminal } from '../terminal.js'
import { isBad, type ScriptResult } from './read-scripts.js'

interface Row {
  readonly module: string
  readonly scripts: readonly ScriptResult[]
}

const MOST_BAD = 20

/** A table of modules with what became of their scripts, and the scripts that somebody has to look at. */
export function printSummary(terminal: Terminal, scripts: readonly ScriptResult[]): void {
  const modules = new Map<string, ScriptResult[]>()
  for (const script of scripts) {
    const name = script.script?.module ?? '-'
    modules.set(name, [...(modules.get(name) ?? []), script])
  }
  const rows: Row[] = [...modules].map(([module, of]) => ({ module, scripts: of }))
  if (rows.length > 1) rows.push({ module: 'all', scripts })
  printTable(terminal, COLUMNS(terminal), rows, 'The batch has no scripts.')
  const bad = scripts.filter(isBad)
  for (const script of bad.slice(0, MOST_BAD)) terminal.print(printable(lineOf(script)))
  if (bad.length > MOST_BAD) terminal.note(`${bad.length - MOST_BAD} more`)
}

function lineOf({ name, status, verdict, errorMessage, exitCode }: ScriptResult): string {
  const judged = verdict === 'UNKNOWN' ? '' : `, verdict ${verdict}`
  const exit = exitCode === null || errorMessage !== null ? '' : `, exit code ${exitCode}`
  return `${name}: ${status}${judged}${exit}${errorMessage === null ? '' : `: ${errorMessage}`}`
}

const COLUMNS = (terminal: Terminal): readonly Column<Row>[] => [
  { head: 'MODULE', cell: ({ module }) => module },
  { head: 'SCRIPTS', cell: ({ scripts }) => scripts.length, align: 'right' },
  counted('SUCCEEDED', ({ status }) => status === 'SUCCEEDED'),
  {
    ...counted('FAILED', (script) => isBad({ ...script, verdict: 'UNKNOWN' })),
    paint: (text, { scripts }) => (scripts.some(isBad) ? terminal.colour('red', text) : text),
  },
  counted('SKIPPED', ({ status }) => status === 'SKIPPED'),
  counted('PASS', ({ verdict }) => verdict === 'PASS'),
  counted('FAIL', ({ verdict }) => verdict === 'FAIL'),
  {
    head: 'TIME',
    cell: ({ scripts }) => duration(scripts.reduce((sum, { durationSeconds }) => sum + (durationSeconds ?? 0), 0)),
    align: 'right',
  },
]

function counted(head: string, counts: (script: ScriptResult) => boolean): Column<Row> {
  return { head, cell: ({ scripts }) => scripts.filter(counts).length, align: 'right' }
}
