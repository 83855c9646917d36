/** A task of a DAG file that an importer wrote. */
export interface ImportedTask {
  readonly name?: string
  readonly tags?: readonly string[]
  readonly needs?: readonly string[]
  readonly when?: string
  readonly run?: string
  readonly script?: string
  readonly noop?: Readonly<Record<string, never>>
  readonly arguments?: readonly string[]
  readonly interpreter?: string
  readonly directory?: string
  readonly env?: Readonly<Record<string, unknown>>
  readonly machine?: string
  readonly labels?: readonly string[]
  readonly user?: string
  readonly timeout?: string | number
  readonly retry?: Readonly<Record<string, unknown>>
  readonly priority?: number
}

/** A DAG file in its JSON form. */
export interface ImportedDag {
  readonly name: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly schedule?: Readonly<Record<string, unknown>>
  readonly timeout?: string | number
  readonly maxParallel?: number
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly tasks: Readonly<Record<string, ImportedTask>>
}

export type NoteCode = 'LOST' | 'RENAMED' | 'CHANGED'

/** What an import changed or left behind, and where the text says it. */
export interface Note {
  readonly code: NoteCode
  readonly message: string
  /** From 1; null for what concerns all of the text. */
  readonly line: number | null
}

/** What an importer makes of a text: pure, the same text always gives the same. */
export interface ImportResult {
  readonly definitions: readonly ImportedDag[]
  readonly warnings: readonly Note[]
  /** What of the text has no place in a DAG file, each once, by name. */
  readonly lost: readonly string[]
}

/** Collects what is to be said, in the order of the text. */
export class Notes {
  readonly #all: Note[] = []
  readonly #lost = new Set<string>()

  add(line: number | null, code: NoteCode, message: string): void {
    this.#all.push({ code, message, line })
  }

  /** `what` has no place in a DAG file. */
  lose(line: number | null, what: string, message: string): void {
    this.#lost.add(what)
    this.add(line, 'LOST', message)
  }

  result(definitions: readonly ImportedDag[]): ImportResult {
    const warnings = [...this.#all].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
    return { definitions, warnings, lost: [...this.#lost].sort() }
  }
}

/** A step that has no counterpart: it fails, so that nobody takes its absence for success. */
export function missingStep(what: string): Pick<ImportedTask, 'run' | 'arguments'> {
  return { run: 'echo "Not imported: $1" >&2; exit 78', arguments: [what] }
}

/** Shell text for another shell than sh: as it is, in an argument, never quoted again. */
export function inShell(shell: string, text: string): Pick<ImportedTask, 'run' | 'arguments'> {
  return shell === '/bin/sh' || shell === 'sh' ? { run: text } : { run: `exec ${shell} -c "$1"`, arguments: [text] }
}

/** How a shell writes the value of a variable. */
export function shellVariable(name: string): string {
  return `\${${name}}`
}
