import type { Json, JsonObject } from '../domain/json.js'
import type { ConditionScope } from '../domain/run/commands.js'
import { compileParameters, type ParametersResult } from './compile-parameters.js'
import { EvaluationError, isLate } from './evaluate.js'
import { asObject } from './json-access.js'
import { subject } from './quote.js'
import { resolveValues } from './template-values.js'

/** What `with` gives a template, and where it is said. */
export interface TemplateInputs {
  readonly inputs: JsonObject
  readonly schema: JsonObject
  /** `name@version`. */
  readonly template: string
  /** Path of the `with`. */
  readonly path: readonly string[]
}

/** A template's inputs cannot be had for a task that is to start. */
export class InputsRefused extends Error {
  override readonly name = 'InputsRefused'
  readonly code = 'INPUTS_REFUSED'
}

/**
 * When a DAG is published: the values that stand in the file, the template's defaults applied, or what is wrong with
 * them. Values that come from the run are left as expressions and judged later.
 */
export function applyTemplateDefaults({ inputs, schema, template, path }: TemplateInputs): ParametersResult {
  const later = new Set(Object.keys(inputs).filter((name) => expressionsIn(inputs[name] as Json).length > 0))
  const given = Object.fromEntries(Object.entries(inputs).filter(([name]) => !later.has(name)))
  const strangers = strangersIn(later, schema)
  const parameters = compileParameters(schema)
  const owner = `template ${template}`
  const result = parameters.applyDefaultsAndValidate(given, { subject: path, owner, later })
  const problems = strangers.map((name) => ({
    code: 'SCHEMA_VIOLATION' as const,
    path: [name],
    message: `${subject([...path, name])} is not a parameter of ${owner}`,
  }))
  if ('problems' in result) return { problems: [...result.problems, ...problems] }
  if (problems.length > 0) return { problems }
  const expressions = Object.fromEntries(Object.entries(inputs).filter(([name]) => later.has(name)))
  return { values: { ...result.values, ...expressions } }
}

/** Names that a schema without `patternProperties` refuses whatever their value. */
function strangersIn(names: ReadonlySet<string>, schema: JsonObject): string[] {
  if (schema.additionalProperties !== false || schema.patternProperties !== undefined) return []
  const properties = asObject(schema.properties) ?? {}
  return [...names].filter((name) => !Object.hasOwn(properties, name))
}

/**
 * When a run is asked for: what is wrong with the values that its parameters decide, in words that name their place in the
 * file. What outputs decide is left for when the task starts.
 */
export function checkTemplateInputs(
  { inputs, schema, template, path }: TemplateInputs,
  scope: ConditionScope,
): string[] {
  if (expressionsIn(inputs).length === 0) return []
  const later = new Set(Object.keys(inputs).filter((name) => expressionsIn(inputs[name] as Json).some(isLate)))
  const values: JsonObject = {}
  const problems: string[] = []
  for (const [name, value] of Object.entries(inputs)) {
    if (later.has(name)) continue
    try {
      values[name] = resolveValues(value, scope)
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      problems.push(`${subject([...path, name])} has no value: ${error.message}`)
    }
  }
  if (problems.length > 0) return problems
  const result = compileParameters(schema).applyDefaultsAndValidate(values, {
    subject: path,
    owner: `template ${template}`,
    later,
  })
  if (!('problems' in result)) return []
  return result.problems.map(({ message }) => message)
}

/** When a task starts: its inputs with every expression's value. Throws InputsRefused, saying all that is wrong. */
export function resolveTemplateInputs(inputs: JsonObject, schema: JsonObject, scope: ConditionScope): JsonObject {
  if (expressionsIn(inputs).length === 0) return inputs
  const values: JsonObject = {}
  for (const [name, value] of Object.entries(inputs)) {
    try {
      values[name] = resolveValues(value, scope)
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      throw new InputsRefused(`with.${name} has no value: ${error.message}`, { cause: error })
    }
  }
  const result = compileParameters(schema).applyDefaultsAndValidate(values, {
    subject: ['with'],
    owner: 'its template',
  })
  if ('values' in result) return result.values
  throw new InputsRefused(result.problems.map(({ message }) => message).join('; '))
}

/** The text of every `{ $value: <CEL> }` in a value. */
export function expressionsIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(expressionsIn)
  const object = asObject(value)
  if (object === null) return []
  if (typeof object.$value === 'string') return [object.$value]
  return Object.values(object).flatMap(expressionsIn)
}
