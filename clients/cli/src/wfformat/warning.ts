import { type Lines, lineAt } from './lines.js'

export type WarningCode =
  | 'LOST'
  | 'RENAMED'
  | 'RUNTIME_MISSING'
  | 'REFERENCE_DROPPED'
  | 'EDGE_DERIVED'
  | 'TASK_MERGED'
  | 'TOO_LARGE'

/** What an import changed or left behind; `line` is that of the task in the text, null for what concerns all of it. */
export interface ImportWarning {
  readonly code: WarningCode
  readonly message: string
  readonly line: number | null
}

/** Collects warnings in the order in which they are found. */
export class Warnings {
  readonly all: ImportWarning[] = []

  constructor(
    private readonly lines: Lines,
    private readonly tasksPath: readonly string[],
  ) {}

  /** About the whole workflow. */
  add(code: WarningCode, message: string): void {
    this.all.push({ code, message, line: null })
  }

  /** About a place inside the task at `index` of the list. */
  addAt(index: number, code: WarningCode, message: string, inside: readonly (string | number)[] = []): void {
    this.all.push({ code, message, line: lineAt(this.lines, [...this.tasksPath, index, ...inside]) })
  }
}
