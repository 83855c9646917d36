import type { Json } from '../domain/json.js'
import type { Rejection } from '../domain/rejection.js'
import { CACHE_LIMITS, type CacheValueType } from './cache.js'

export interface CacheInput {
  readonly key: string
  readonly value: Json
  /** Left out: as the value looks. */
  readonly type: CacheValueType | null
  readonly expiresInSeconds: number | null
}

export interface CheckedEntry {
  readonly key: string
  readonly type: CacheValueType
  readonly text: string
  readonly expiresAt: Date | null
}

const KEY = /^[A-Za-z0-9_][A-Za-z0-9_.:/-]*$/
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
/** Ten years: beyond that nobody means it. */
const MAX_SECONDS = 315_360_000

/** The entry as it is to be kept, or everything that is wrong with it. */
export function checkEntry(input: CacheInput, now: Date): CheckedEntry | { readonly rejections: readonly Rejection[] } {
  const { key, value, expiresInSeconds } = input
  const type = input.type ?? typeOf(value)
  const text = JSON.stringify(value)
  const rejections = [...keyProblems(key), ...valueProblems(type, value, text), ...expiryProblems(expiresInSeconds)]
  if (rejections.length > 0) return { rejections }
  const expiresAt = expiresInSeconds === null ? null : new Date(now.getTime() + expiresInSeconds * 1_000)
  return { key, type, text, expiresAt }
}

/** What a value is taken for when nobody says; base64 is not guessed. */
export function typeOf(value: Json): CacheValueType {
  switch (typeof value) {
    case 'string':
      return 'STRING'
    case 'number':
      return 'NUMBER'
    case 'boolean':
      return 'BOOLEAN'
    default:
      return 'JSON'
  }
}

function keyProblems(key: string): Rejection[] {
  const { keyLength } = CACHE_LIMITS
  if (key.length <= keyLength && KEY.test(key)) return []
  const rule = `A key has 1 to ${keyLength} letters, digits, "_", ".", ":", "/" and "-", the first a letter, a digit or "_"`
  return [problem('INVALID', `${rule}, given ${JSON.stringify(key.slice(0, 100))}`, 'key')]
}

function valueProblems(type: CacheValueType, value: Json, text: string): Rejection[] {
  const bytes = Buffer.byteLength(text)
  const { valueBytes } = CACHE_LIMITS
  if (bytes > valueBytes) {
    return [problem('TOO_LARGE', `A value has at most ${valueBytes} bytes as JSON, given ${bytes}`, 'value')]
  }
  if (type === 'JSON') return []
  if (type !== 'BINARY') {
    const given = typeOf(value)
    if (given === type) return []
    return [problem('SCHEMA_VIOLATION', `A value of type ${type} is no ${given}`, 'value')]
  }
  if (typeof value !== 'string') return [problem('SCHEMA_VIOLATION', 'A value of type BINARY is base64 text', 'value')]
  return BASE64.test(value) ? [] : [problem('INVALID', 'A value of type BINARY is base64 with its padding', 'value')]
}

function expiryProblems(seconds: number | null): Rejection[] {
  if (seconds === null || (seconds >= 1 && seconds <= MAX_SECONDS)) return []
  return [problem('INVALID', `An entry expires in 1 to ${MAX_SECONDS} seconds, given ${seconds}`, 'expiresInSeconds')]
}

function problem(code: Rejection['code'], message: string, path: string): Rejection {
  return { code, message, path: [path] }
}
