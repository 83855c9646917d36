import type { Json, JsonObject } from '../domain/json.js'

/** Values of the run that one evaluation may look at; more is an error of the evaluation. */
export const MAX_SCOPE_VALUES = 100_000

/** A value that CEL and JSON do not share, or too many of them. */
export class ValueRefused extends Error {
  override readonly name = 'ValueRefused'
  readonly code = 'VALUE_REFUSED'
}

/** Counts values over several conversions. */
export interface ValueBudget {
  left: number
}

/**
 * JSON as CEL sees it: a whole number is an int (a bigint), any other a double; a mapping is a Map, so that no key
 * means anything to JavaScript. Throws ValueRefused when the budget is used up.
 */
export function toCel(value: Json, budget: ValueBudget): unknown {
  if (--budget.left < 0) throw new ValueRefused(`it looks at more than ${MAX_SCOPE_VALUES} values`)
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => toCel(item, budget))
  return new Map(Object.entries(value).map(([key, item]) => [key, toCel(item, budget)]))
}

/**
 * A result of CEL as JSON: timestamps as RFC 3339 text, durations as `90s`. Throws ValueRefused for what JSON has not:
 * bytes, types, NaN and infinities, integers beyond 2^53, and results of more than MAX_SCOPE_VALUES values.
 */
export function fromCel(value: unknown, budget: ValueBudget = { left: MAX_SCOPE_VALUES }): Json {
  if (--budget.left < 0) throw new ValueRefused(`it results in more than ${MAX_SCOPE_VALUES} values`)
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return finite(value)
  if (typeof value === 'bigint') return safe(value)
  if (Array.isArray(value)) return value.map((item) => fromCel(item, budget))
  if (value instanceof Set) return [...value].map((item) => fromCel(item, budget))
  if (value instanceof Date) return value.toISOString()
  const name = (value as object | undefined)?.constructor?.name
  if (name === 'UnsignedInt') return safe(BigInt(String(value)))
  if (name === 'Duration') return String(value)
  if (value instanceof Map) return fromEntries([...value], budget)
  if (typeof value === 'object' && value !== null && (name === 'Object' || name === undefined)) {
    return fromEntries(Object.entries(value), budget)
  }
  throw new ValueRefused(`it results in what JSON has not (${name ?? typeof value})`)
}

function fromEntries(entries: [unknown, unknown][], budget: ValueBudget): JsonObject {
  const object: JsonObject = {}
  for (const [key, item] of entries) {
    if (key !== '__proto__') object[String(key)] = fromCel(item, budget)
  }
  return object
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value
  throw new ValueRefused(`it results in ${value}, which JSON has not`)
}

function safe(value: bigint): number {
  if (Number.isSafeInteger(Number(value))) return Number(value)
  throw new ValueRefused(`it results in ${value}, which JSON numbers cannot hold exactly`)
}
