import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql'
import type { Json, JsonObject } from '../domain/json.js'

const MAX_DEPTH = 64
const MAX_VALUES = 20_000

/** Any JSON value; bounded in depth and size, without what Postgres or JavaScript would trip over. */
export const JsonScalar = new GraphQLScalarType<Json, unknown>({
  name: 'JSON',
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => checkedJson(value, 'JSON'),
  parseLiteral: (node, variables) => checkedJson(literalValue(node, variables ?? {}, 0, 'JSON'), 'JSON'),
})

/** A JSON object; bounded as JSON is. */
export const JsonObjectScalar = new GraphQLScalarType<JsonObject, unknown>({
  name: 'JSONObject',
  description: 'A JSON object.',
  serialize: (value) => value,
  parseValue: (value) => checkedObject(value),
  parseLiteral: (node, variables) => checkedObject(literalValue(node, variables ?? {}, 0, 'JSONObject')),
})

function checkedObject(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new GraphQLError('JSONObject must be an object')
  }
  return checkedJson(value, 'JSONObject') as JsonObject
}

function checkedJson(value: unknown, scalar: string): Json {
  const budget = { left: MAX_VALUES }
  check(value, 0)
  return value as Json

  function check(part: unknown, depth: number): void {
    budget.left -= 1
    if (budget.left < 0) throw new GraphQLError(`${scalar} must have at most ${MAX_VALUES} values`)
    if (depth > MAX_DEPTH) throw new GraphQLError(`${scalar} must be nested at most ${MAX_DEPTH} deep`)
    if (typeof part === 'string') checkText(part, scalar)
    if (typeof part === 'number' && !Number.isFinite(part)) throw new GraphQLError(`${scalar} numbers must be finite`)
    if (typeof part !== 'object' || part === null) return
    if (Array.isArray(part)) {
      for (const item of part) check(item, depth + 1)
      return
    }
    for (const [key, item] of Object.entries(part)) {
      if (key === '__proto__') throw new GraphQLError(`${scalar} must not have a key __proto__`)
      checkText(key, scalar)
      check(item, depth + 1)
    }
  }
}

/** Postgres cannot store NUL, and no UTF-8 has half a surrogate pair. Throws a GraphQLError that names the subject. */
export function checkText(text: string, subject: string): void {
  if (text.includes('\0')) throw new GraphQLError(`${subject} must not contain NUL`)
  if (/\p{Surrogate}/u.test(text)) throw new GraphQLError(`${subject} must not contain lone surrogates`)
}

function literalValue(
  node: ValueNode,
  variables: { readonly [name: string]: unknown },
  depth: number,
  scalar: string,
): unknown {
  if (depth > MAX_DEPTH) throw new GraphQLError(`${scalar} must be nested at most ${MAX_DEPTH} deep`)
  switch (node.kind) {
    case Kind.NULL:
      return null
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value)
    case Kind.LIST:
      return node.values.map((item) => literalValue(item, variables, depth + 1, scalar))
    case Kind.OBJECT:
      // Entries, not assignment: a key `__proto__` must stay a key, to be refused.
      return Object.fromEntries(
        node.fields.map((field) => [field.name.value, literalValue(field.value, variables, depth + 1, scalar)]),
      )
    case Kind.VARIABLE:
      return variables[node.name.value] ?? null
    default:
      throw new GraphQLError(`${scalar} cannot be an enum value, given ${node.value}`)
  }
}
