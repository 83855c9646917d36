import type { Json, JsonObject } from '../domain/json.js'

/** A mapping, or null: the checks go on over a file whose structure is wrong elsewhere. */
export function asObject(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
}

export function asList(value: Json | undefined): Json[] | null {
  return Array.isArray(value) ? value : null
}

/** The key's own value: `constructor` is nothing unless it was given. */
export function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}
