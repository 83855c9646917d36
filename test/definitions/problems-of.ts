import { checkDefinition } from '../../src/definitions/check-definition.js'

/** The problems of a source as `line:column CODE message`. */
export function problemsOf(source: string): string[] {
  return checkDefinition(source).problems.map(
    ({ line, column, code, message }) => `${line}:${column} ${code} ${message}`,
  )
}

/** The problems of a file whose only task `a` has these lines. */
export function problemsOfTask(...lines: string[]): string[] {
  return problemsOf(`name: x\ntasks:\n  a:\n${lines.map((line) => `    ${line}`).join('\n')}\n`)
}
