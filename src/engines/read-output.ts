import type { Json } from '../domain/json.js'

/** The most that a task's output may have. */
export const MAX_OUTPUT_BYTES = 1_000_000

/** The task wrote something to $DAGBOOK_OUTPUT that cannot be its output. */
export class OutputError extends Error {
  override readonly name = 'OutputError'
  readonly code = 'INVALID_OUTPUT'
}

/**
 * What a task wrote to $DAGBOOK_OUTPUT: JSON, or else lines of KEY=VALUE (values stay text; empty lines and lines that
 * begin with # are passed over). Nothing written: null. Throws OutputError, whose message quotes the text: `mask` takes
 * out of it what nobody is to see, before it is cut into pieces. What JSON says is left to be masked by the caller.
 */
export function readOutput(bytes: Buffer | null, mask: (text: string) => string = (text) => text): Json {
  if (bytes === null || bytes.length === 0) return null
  if (bytes.length > MAX_OUTPUT_BYTES) throw tooLarge()
  const text = decode(bytes)
  if (text.trim() === '') return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = keyValueLines(mask(text))
  }
  checkStorable(value as Json)
  return value as Json
}

function tooLarge(): OutputError {
  return new OutputError(
    `The output has more than ${MAX_OUTPUT_BYTES} bytes; write large results to a file and output its name`,
  )
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new OutputError('The output is not valid UTF-8', { cause: error })
  }
}

function keyValueLines(text: string): Json {
  const entries = text.split(/\r?\n/).flatMap((line, index): [string, string][] => {
    if (line.trim() === '' || line.startsWith('#')) return []
    const match = /^([A-Za-z_][A-Za-z0-9_.-]*)=(.*)$/s.exec(line)
    if (match === null) {
      throw new OutputError(
        `The output is neither JSON nor lines of KEY=VALUE: line ${index + 1} is ${JSON.stringify(line.slice(0, 80))}`,
      )
    }
    return [[match[1] as string, match[2] as string]]
  })
  return Object.fromEntries(entries)
}

const MAX_DEPTH = 100

/**
 * Throws OutputError for what the journal cannot keep: NUL, half a surrogate pair, a number beyond all numbers (JSON may
 * say 1e999), nesting without end, more than MAX_OUTPUT_BYTES.
 */
export function checkStorable(value: Json): void {
  checkValue(value, 0)
  const size = Buffer.byteLength(JSON.stringify(value))
  if (size > MAX_OUTPUT_BYTES) throw tooLarge()
}

function checkValue(value: Json, depth: number): void {
  if (depth > MAX_DEPTH) throw new OutputError(`The output is nested deeper than ${MAX_DEPTH} levels`)
  if (typeof value === 'string') checkText(value)
  else if (typeof value === 'number') checkNumber(value)
  else if (Array.isArray(value)) for (const item of value) checkValue(item, depth + 1)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      checkText(key)
      checkValue(item, depth + 1)
    }
  }
}

function checkNumber(value: number): void {
  if (!Number.isFinite(value)) throw new OutputError('The output contains a number that is too large to be stored')
}

function checkText(text: string): void {
  if (text.includes('\0')) throw new OutputError('The output contains NUL, which cannot be stored')
  if (!text.isWellFormed()) throw new OutputError('The output contains half a surrogate pair, which is no text')
}
