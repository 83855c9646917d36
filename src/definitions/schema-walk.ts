import type { Json, JsonObject } from '../domain/json.js'
import { asList, asObject } from './json-access.js'

const SCHEMA_KEYWORDS = [
  'items',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contentSchema',
]
const LIST_KEYWORDS = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const MAP_KEYWORDS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']

/** Visits a JSON Schema and every schema in it, with its path; what only looks like one (a default, a const) is not. */
export function walkSchema(
  schema: Json | undefined,
  visit: (schema: JsonObject, path: readonly string[]) => void,
  path: readonly string[] = [],
): void {
  const object = asObject(schema)
  if (object === null) return
  visit(object, path)
  for (const keyword of SCHEMA_KEYWORDS) walkSchema(object[keyword], visit, [...path, keyword])
  for (const keyword of LIST_KEYWORDS) {
    asList(object[keyword])?.forEach((item, index) => {
      walkSchema(item, visit, [...path, keyword, String(index)])
    })
  }
  for (const keyword of MAP_KEYWORDS) {
    for (const [key, item] of Object.entries(asObject(object[keyword]) ?? {})) {
      walkSchema(item, visit, [...path, keyword, key])
    }
  }
}
