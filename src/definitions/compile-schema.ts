import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import type { JsonObject } from '../domain/json.js'
import { DIALECT, type SchemaProblem } from './check-parameters-schema.js'
import { linearPattern } from './linear-pattern.js'
import { quote } from './quote.js'

/** Ajv makes its validators' patterns with this; its standalone code, which is not used, would call it by this name. */
const regExp = Object.assign((pattern: string) => linearPattern(pattern), { code: 'linearPattern' })

/** Only looks at schemas, never compiles one, so it keeps nothing of them. */
const dialect = ajvFormats.default(new Ajv2020({ allErrors: true, strict: false, logger: false }))
// Now, not at its first use: that may be cut off at a deadline.
dialect.getSchema(DIALECT)

/** Where a schema departs from JSON Schema 2020-12. */
export function checkDialect(schema: JsonObject): SchemaProblem[] {
  // Not `validateSchema`: it would follow the schema's own `$schema`.
  return dialect.validate(DIALECT, schema) ? [] : schemaProblems(dialect.errors ?? [])
}

/**
 * Compiles a user's schema that passed `checkSchemaSafety` and `checkDialect`, or says what is wrong with it. An Ajv for
 * each schema (10 ms), so that none sees another's and one that was cut off at a deadline is thrown away whole.
 * `inlineRefs` off: twenty schemas of two `$ref`s each must not become a million lines of code.
 */
export function compileSchema(schema: JsonObject): ValidateFunction | { problems: SchemaProblem[] } {
  const ajv = new Ajv2020({
    allErrors: true,
    useDefaults: true,
    inlineRefs: false,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    logger: false,
    validateSchema: false,
    code: { regExp: regExp as never, optimize: false },
  })
  ajvFormats.default(ajv)
  try {
    return ajv.compile(schema)
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^strict mode: /, '') : String(error)
    return { problems: [{ code: 'INVALID', path: [], rule: `must be a valid JSON Schema: ${reason}` }] }
  }
}

/** Ajv reports a schema against each part of its dialect; the deepest words are the useful ones, each once. */
function schemaProblems(errors: readonly ErrorObject[]): SchemaProblem[] {
  const problems = new Map<string, SchemaProblem>()
  for (const error of errors) {
    if (['allOf', 'anyOf', '$ref', '$dynamicRef'].includes(error.keyword)) continue
    const path = pointerPath(error.instancePath)
    const rule = `${error.message ?? 'is not valid'} (JSON Schema)${allowed(error)}`
    problems.set(`${error.instancePath} ${rule}`, { code: 'INVALID', path, rule })
  }
  return [...problems.values()]
}

function allowed(error: ErrorObject): string {
  return error.keyword === 'enum' ? `: ${(error.params.allowedValues as unknown[]).map(quote).join(', ')}` : ''
}

/** A JSON pointer as a path. */
export function pointerPath(pointer: string): string[] {
  const parts = pointer.split('/').slice(1)
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}
