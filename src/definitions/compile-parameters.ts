import { createHash } from 'node:crypto'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { LRUCache } from 'lru-cache'
import type { Json, JsonObject } from '../domain/json.js'
import type { RejectionCode } from '../domain/rejection.js'
import { checkSchemaSafety, type SchemaProblem } from './check-parameters-schema.js'
import { checkDialect, compileSchema, pointerPath } from './compile-schema.js'
import { parameterNameProblems } from './parameter-names.js'
import { quote, subject } from './quote.js'
import { DeadlineExceeded, withinDeadline } from './within-deadline.js'

/** The schema of a DAG's parameters, ready for the values of a run. */
export interface CompiledParameters {
  /** The values with defaults applied (a new object), or everything that is wrong with them. Synchronous, <= 250 ms. */
  applyDefaultsAndValidate(values: JsonObject, scope?: ValidationScope): ParametersResult
}

export interface ValidationScope {
  /** What holds the values, in messages; default `parameters`. */
  readonly subject?: readonly string[]
  /** Whose parameters they are, in messages; default `this DAG`. */
  readonly owner?: string
  /** Parameters whose values come later: what is said about these, and about all together, is not said yet. */
  readonly later?: ReadonlySet<string>
}

export type ParametersResult = { readonly values: JsonObject } | { readonly problems: readonly ParameterProblem[] }

/** One value that does not fit: `path` leads to it from the parameters' top. */
export interface ParameterProblem {
  readonly code: RejectionCode
  readonly path: readonly string[]
  readonly message: string
}

/** The schema was never checked, or a release no longer accepts it. */
export class ParametersSchemaRefused extends Error {
  override readonly name = 'ParametersSchemaRefused'
  readonly code = 'PARAMETERS_SCHEMA_REFUSED'
  constructor(readonly problems: readonly SchemaProblem[]) {
    super(`parameters ${problems[0]?.rule ?? 'must be a valid JSON Schema'}`)
  }
}

/** What one may take on a quiet machine, when it is published; later more, so that what was accepted stays usable. */
const PUBLISH_DEADLINE_MS = 1_000
const COMPILE_DEADLINE_MS = 4_000
const VALIDATION_DEADLINE_MS = 250
const compiled = new LRUCache<string, CompiledParameters>({ max: 500 })

const WHOLE: Required<ValidationScope> = { subject: ['parameters'], owner: 'this DAG', later: new Set() }

/** For a DAG without `parameters`: any names and values. */
const ANYTHING: CompiledParameters = {
  applyDefaultsAndValidate: (values) => {
    const problems = checkNames(values, WHOLE)
    return problems.length > 0 ? { problems } : { values: structuredClone(values) }
  },
}

/** Compiles a definition's `parameters` (undefined: anything goes); the last 500 are kept. Throws ParametersSchemaRefused. */
export function compileParameters(
  schema: JsonObject | undefined,
  deadlineMs = COMPILE_DEADLINE_MS,
): CompiledParameters {
  if (schema === undefined) return ANYTHING
  const id = createHash('sha256').update(JSON.stringify(schema)).digest('base64')
  const known = compiled.get(id)
  if (known !== undefined) return known
  const validate = compileWithin(schema, deadlineMs)
  const parameters = {
    applyDefaultsAndValidate: (values: JsonObject, scope?: ValidationScope) =>
      apply(validate, values, { ...WHOLE, ...scope }),
  }
  compiled.set(id, parameters)
  return parameters
}

function compileWithin(schema: JsonObject, deadlineMs: number): ValidateFunction {
  try {
    return withinDeadline(deadlineMs, () => compile(schema))
  } catch (error) {
    if (!(error instanceof DeadlineExceeded)) throw error
    throw new ParametersSchemaRefused([
      { code: 'TOO_LARGE', path: [], rule: `must be simpler: it takes more than ${deadlineMs} ms to compile` },
    ])
  }
}

function compile(schema: JsonObject): ValidateFunction {
  const refused = checkSchemaSafety(schema)
  if (refused.every(({ code }) => code !== 'TOO_LARGE')) refused.push(...checkDialect(schema))
  if (refused.length > 0) throw new ParametersSchemaRefused(refused)
  const validate = compileSchema(schema)
  if (typeof validate !== 'function') throw new ParametersSchemaRefused(validate.problems)
  return validate
}

/** Everything that is wrong with a schema of parameters, also defaults that it does not allow itself. */
export function checkParametersSchema(schema: JsonObject): SchemaProblem[] {
  try {
    const result = compileParameters(schema, PUBLISH_DEADLINE_MS).applyDefaultsAndValidate({})
    if (!('problems' in result)) return []
    const wrong = result.problems.filter(({ code }) => code !== 'REQUIRED')
    return wrong.map(({ message }) => ({
      code: 'INVALID',
      path: ['properties'],
      rule: `must have defaults that it allows: ${message}`,
    }))
  } catch (error) {
    if (error instanceof ParametersSchemaRefused) return [...error.problems]
    throw error
  }
}

function apply(validate: ValidateFunction, given: JsonObject, scope: Required<ValidationScope>): ParametersResult {
  const names = checkNames(given, scope)
  if (names.length > 0) return { problems: names }
  const values = structuredClone(given)
  try {
    if (withinDeadline(VALIDATION_DEADLINE_MS, () => validate(values))) return { values }
    const problems = (validate.errors ?? []).map((error) => problemOf(error, scope))
    const { later } = scope
    const known =
      later.size === 0 ? problems : problems.filter(({ path: [name] }) => name !== undefined && !later.has(name))
    return known.length > 0 ? { problems: known } : { values }
  } catch (error) {
    // A deadline, or a schema that refers to itself without end.
    const reason = error instanceof Error ? error.message : String(error)
    return {
      problems: [
        { code: 'SCHEMA_VIOLATION', path: [], message: `${subject(scope.subject)} cannot be validated: ${reason}` },
      ],
    }
  }
}

function checkNames(values: JsonObject, scope: Required<ValidationScope>): ParameterProblem[] {
  return parameterNameProblems(Object.keys(values)).map(({ name, rule }) => ({
    code: 'INVALID',
    path: [name],
    message: `${subject(scope.subject)}: ${quote(name)} ${rule}`,
  }))
}

function problemOf(error: ErrorObject, scope: Required<ValidationScope>): ParameterProblem {
  const path = pointerPath(error.instancePath)
  if (error.keyword === 'required') {
    const missing = String(error.params.missingProperty)
    return {
      code: 'REQUIRED',
      path: [...path, missing],
      message: `${subject([...scope.subject, ...path])} needs ${missing}`,
    }
  }
  if (error.keyword === 'additionalProperties') {
    const extra = String(error.params.additionalProperty)
    const message = `${subject([...scope.subject, ...path, extra])} is not a parameter of ${scope.owner}`
    return { code: 'SCHEMA_VIOLATION', path: [...path, extra], message }
  }
  const one = error.keyword === 'enum' ? ` (${(error.params.allowedValues as Json[]).map(quote).join(', ')})` : ''
  const message = `${subject([...scope.subject, ...path])} ${error.message ?? 'is not valid'}${one}`
  return { code: 'SCHEMA_VIOLATION', path, message }
}
