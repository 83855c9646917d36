import { type CustomTypesConfig, types } from 'pg'

type Parser = (text: string) => unknown

const INT8 = 20
const JSON_TEXT = 114
const DATE = 1082

/**
 * How columns arrive: int8 as a number (positions and counts stay far below 2^53; a value beyond is an error, never a
 * rounded one), `date` as its text (a Date at local midnight is a trap), everything else as pg does: timestamptz as
 * Date, json and jsonb parsed, numeric as text.
 */
export const COLUMN_TYPES: CustomTypesConfig = { getTypeParser: (oid, format) => parserOf(oid, format) }

/** For one query (`{ text, values, types: RAW_JSON_TYPES }`): as COLUMN_TYPES, but `json` columns as their exact text. */
export const RAW_JSON_TYPES: CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    (oid as number) === JSON_TEXT && format !== 'binary' ? asText : parserOf(oid, format),
}

/** An int8 that a JavaScript number cannot hold. */
export class UnsafeIntegerError extends Error {
  override readonly name = 'UnsafeIntegerError'
  readonly code = 'UNSAFE_INTEGER'
  constructor(readonly given: string) {
    super(`int8 column must stay within 2^53, given ${given}`)
  }
}

function parserOf(oid: number, format?: 'text' | 'binary'): Parser {
  if (format !== 'binary' && oid === INT8) return safeInteger
  if (format !== 'binary' && oid === DATE) return asText
  return types.getTypeParser(oid, format as 'text') as Parser
}

function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new UnsafeIntegerError(text)
  return value
}

function asText(text: string): string {
  return text
}
