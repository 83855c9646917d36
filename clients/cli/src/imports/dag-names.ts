import { dagName } from '../wfformat/names.js'
import type { Notes } from './imported.js'

/** Names for the DAGs of one text: made to fit, and numbered where one is taken. */
export class DagNames {
  readonly #taken = new Set<string>()

  constructor(private readonly notes: Notes) {}

  /** `subject` is what the text calls it by: `Job nightly`. */
  take(wanted: string, line: number | null, subject: string): string {
    const fitted = dagName(wanted, undefined)
    let name = fitted
    for (let number = 2; this.#taken.has(name); number++) name = `${fitted.slice(0, 95)}_${number}`
    this.#taken.add(name)
    if (name !== wanted) this.notes.add(line, 'RENAMED', `${subject} became the DAG ${name}`)
    return name
  }
}
