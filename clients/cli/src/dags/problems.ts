import type { Terminal } from '../terminal.js'

/** What is wrong with a definition, as the server reports it. */
export interface Problem {
  readonly message: string
  readonly code: string
  readonly path: readonly string[]
  readonly line: number | null
  readonly column: number | null
}

/** `FILE:line:column: message`, as editors and compilers have it. */
export function problemLine(file: string, problem: Problem): string {
  const place = problem.line === null ? file : `${file}:${problem.line}:${problem.column ?? 1}`
  return `${place}: ${problem.message}`
}

/** Prints every problem to stderr, one a line. */
export function printProblems(terminal: Terminal, file: string, problems: readonly Problem[]): void {
  for (const problem of problems) terminal.note(problemLine(file, problem))
}
