import { MachineError } from './machine.js'

/**
 * One word for a POSIX shell that means exactly these bytes: in single quotes nothing is special but the quote itself.
 * The result is one line (a newline becomes "$NL", which the runner defines), so it fits a line protocol.
 * Throws INVALID for NUL, which no argument, variable or path can hold.
 */
export function shellQuote(value: string): string {
  if (value.includes('\0')) throw new MachineError('INVALID', `A value must not contain NUL: ${preview(value)}`, false)
  return `'${value.replaceAll("'", `'\\''`).replaceAll('\n', `'"$NL"'`)}'`
}

function preview(value: string): string {
  return JSON.stringify(value.slice(0, 80))
}
