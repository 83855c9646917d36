import type { KeyValue } from '../platform/keyset.js'
import { BadInputError } from './bad-input-error.js'

/** What a column of a sort key holds; with `?` it may be null. A `microtime` is text, ISO 8601 with six decimals. */
export type KeyPart = 'time' | 'microtime' | 'text' | 'number' | 'time?' | 'number?'

const MAX_LENGTH = 1_000

/**
 * The opaque cursors of one list: base64url of a JSON array, the list's name and the row's sort key. A cursor of another
 * list, or of the same one in another order, is refused.
 */
export class CursorCodec {
  constructor(
    /** Of the list and its order: `runs.createdAt`. */
    private readonly name: string,
    private readonly parts: readonly KeyPart[],
  ) {}

  encode(key: readonly KeyValue[]): string {
    const values = key.map((value) => (value instanceof Date ? value.toISOString() : value))
    return Buffer.from(JSON.stringify([this.name, ...values])).toString('base64url')
  }

  /** Throws BadInputError that names the argument. */
  decode(cursor: string, argument: string): KeyValue[] {
    const values = parseArray(cursor)
    const refused = new BadInputError(argument, `must be a cursor of this list, as it came from it`)
    if (values === null || values.length !== this.parts.length + 1 || values[0] !== this.name) throw refused
    return this.parts.map((part, index) => {
      const value = decodedPart(part, values[index + 1])
      if (value === undefined) throw refused
      return value
    })
  }
}

function parseArray(cursor: string): unknown[] | null {
  if (cursor.length > MAX_LENGTH || !/^[\w-]+$/.test(cursor)) return null
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

/** Undefined: the value is none of that part. */
function decodedPart(part: KeyPart, value: unknown): KeyValue | undefined {
  if (value === null) return part.endsWith('?') ? null : undefined
  switch (part) {
    case 'text':
      return typeof value === 'string' && !value.includes('\0') && value.length <= MAX_LENGTH ? value : undefined
    case 'number':
    case 'number?':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined
    case 'microtime':
      return typeof value === 'string' && isMicrotime(value) ? value : undefined
    default:
      return typeof value === 'string' ? timeOf(value) : undefined
  }
}

function timeOf(text: string): Date | undefined {
  const time = new Date(text)
  return !Number.isNaN(time.getTime()) && time.toISOString() === text ? time : undefined
}

function isMicrotime(text: string): boolean {
  return /^[\d-]+T[\d:]+\.\d{6}Z$/.test(text) && timeOf(`${text.slice(0, -4)}Z`) !== undefined
}
