import type { Json, JsonObject } from '../domain/json.js'
import type { RejectionCode } from '../domain/rejection.js'
import { asObject } from './json-access.js'
import { linearPattern, PatternRefused } from './linear-pattern.js'
import { parameterNameProblems } from './parameter-names.js'
import { quote } from './quote.js'
import { walkSchema } from './schema-walk.js'

/** Something wrong with a schema or with values: where, and the rule it breaks (`must ...`). */
export interface SchemaProblem {
  readonly code: RejectionCode
  readonly path: readonly string[]
  readonly rule: string
}

/** Characters of the schema as JSON. Compiling one of 80 KB takes 160 ms, and every trigger keeps what is compiled. */
const MAX_SCHEMA_LENGTH = 64_000
/** Of all schemas of parameters. */
export const DIALECT = 'https://json-schema.org/draft/2020-12/schema'
/** Keywords that name schemas for others to find (or, `$async`, make validation asynchronous): one schema, one file. */
const REFUSED_KEYWORDS = ['$id', '$anchor', '$dynamicRef', '$dynamicAnchor', '$recursiveRef', '$vocabulary', '$async']

/**
 * What is wrong with a parameters' schema besides the rules of JSON Schema itself: it is written by users and compiled
 * by the server, so nothing remote, nothing that backtracks, nothing large.
 */
export function checkSchemaSafety(schema: JsonObject): SchemaProblem[] {
  const length = JSON.stringify(schema).length
  if (length > MAX_SCHEMA_LENGTH) {
    return [
      { code: 'TOO_LARGE', path: [], rule: `must be at most ${MAX_SCHEMA_LENGTH} characters of JSON, not ${length}` },
    ]
  }
  const problems = checkTop(schema)
  walkSchema(schema, (inner, path) => {
    problems.push(...checkKeywords(inner, path), ...checkPatterns(inner, path))
  })
  return problems
}

function checkTop(schema: JsonObject): SchemaProblem[] {
  const names = parameterNameProblems(Object.keys(asObject(schema.properties) ?? {}))
  const problems: SchemaProblem[] = names.map(({ name, rule }) => ({
    code: 'INVALID',
    path: ['properties', name],
    rule,
  }))
  if (schema.type !== undefined && schema.type !== 'object') {
    problems.push({
      code: 'INVALID',
      path: ['type'],
      rule: `must be object: parameters have names, not ${quote(schema.type)}`,
    })
  }
  return problems
}

function checkKeywords(schema: JsonObject, path: readonly string[]): SchemaProblem[] {
  const problems: SchemaProblem[] = REFUSED_KEYWORDS.filter((keyword) => Object.hasOwn(schema, keyword)).map(
    (keyword) => ({
      code: 'INVALID' as const,
      path: [...path, keyword],
      rule: 'is not allowed in the schema of parameters',
    }),
  )
  const { $ref, $schema } = schema
  if ($ref !== undefined && !(typeof $ref === 'string' && /^#(\/|$)/.test($ref))) {
    problems.push({
      code: 'INVALID',
      path: [...path, '$ref'],
      rule: `must point into the same schema (#/...), not ${quote($ref)}`,
    })
  }
  if ($schema !== undefined && !(typeof $schema === 'string' && $schema.replace(/#$/, '') === DIALECT)) {
    problems.push({ code: 'INVALID', path: [...path, '$schema'], rule: `must be ${DIALECT}, not ${quote($schema)}` })
  }
  return problems
}

function checkPatterns(schema: JsonObject, path: readonly string[]): SchemaProblem[] {
  const patterns: [readonly string[], Json | undefined][] = [[[...path, 'pattern'], schema.pattern]]
  for (const pattern of Object.keys(asObject(schema.patternProperties) ?? {})) {
    patterns.push([[...path, 'patternProperties', pattern], pattern])
  }
  return patterns.flatMap(([at, pattern]) => {
    const rule = typeof pattern === 'string' ? patternRule(pattern) : null
    return rule === null ? [] : [{ code: 'INVALID', path: at, rule }]
  })
}

function patternRule(pattern: string): string | null {
  try {
    linearPattern(pattern)
    return null
  } catch (error) {
    if (error instanceof PatternRefused) return `must be a pattern of RE2, not ${quote(pattern)}: ${error.message}`
    throw error
  }
}
