import { RECORDER_PARAMETER, recorded } from './recorder.js'

/** A DAG without its commands. */
export interface Shape {
  /** In the order of the file, with what each task needs. */
  readonly needs: ReadonlyMap<string, readonly string[]>
}

/**
 * Montage's shape (a mosaic of pictures): a wide level, a wider one of pairs, two lone tasks that everything meets in,
 * a wide level again, and a narrow end. `width` 90 makes 297 tasks.
 */
export function montage(width: number): Shape {
  const needs = new Map<string, readonly string[]>()
  const level = (name: string, count: number, needsOf: (at: number) => readonly string[]) => {
    const keys = Array.from({ length: count }, (_, at) => `${name}-${at}`)
    for (const [at, key] of keys.entries()) needs.set(key, needsOf(at))
    return keys
  }
  const projects = level('project', width, () => [])
  const around = (at: number, step: number) => projects[(at * step) % width] as string
  const pairs = level('diff', Math.round(width * 1.2), (at) => [...new Set([around(at, 1), around(at + 1, 7)])])
  const fit = level('concat', 1, () => pairs)
  const model = level('model', 1, () => fit)
  const backgrounds = level('background', width, (at) => [...model, around(at, 1)])
  const tables = level('table', 6, (at) => backgrounds.filter((_, index) => index % 6 === at))
  level('mosaic', 1, () => tables)
  return { needs }
}

/**
 * The shape as a DAG file. Every task says in the recorder that it begins and ends and prints `expectedOutput`; every
 * twentieth prints a lot. They go to these machines in turn; null: to whichever has room.
 */
export function recordingDag(name: string, { needs }: Shape, machines: readonly (string | null)[] = [null]): object {
  const run = recorded(`echo "$DAGBOOK_TASK works"
awk -v lines="$LINES" 'BEGIN { for (n = 1; n <= lines; n++) print n, "of", lines }'
sleep 0.005
echo "$DAGBOOK_TASK warns" >&2`)
  const tasks = [...needs].map(([key, before], at) => {
    const machine = machines[at % machines.length] ?? undefined
    return [key, { needs: before, run, env: { LINES: linesOf(at) }, machine }]
  })
  return { name, parameters: RECORDER_PARAMETER, tasks: Object.fromEntries(tasks) }
}

/** What the task at that place of the shape prints, byte by byte. */
export function expectedOutput(key: string, at: number): { readonly stdout: string; readonly stderr: string } {
  const lines = linesOf(at)
  const numbered = Array.from({ length: Number(lines) }, (_, n) => `${n + 1} of ${lines}\n`)
  return { stdout: `${key} works\n${numbered.join('')}`, stderr: `${key} warns\n` }
}

function linesOf(at: number): string {
  return at % 20 === 0 ? '20000' : '3'
}
