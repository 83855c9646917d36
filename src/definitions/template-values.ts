import type { Json } from '../domain/json.js'
import type { ConditionScope } from '../domain/run/commands.js'
import { checkValueExpression, type KeySet } from './check-condition.js'
import { evaluate } from './evaluate.js'
import { asObject } from './json-access.js'

/** A `$value` that is refused: where below the checked value, and the rule it breaks (`must ...`). */
export interface ValueProblem {
  readonly path: readonly string[]
  readonly rule: string
}

/** Every `{ $value: <CEL> }` in a JSON value that is not valid. */
export function checkTemplateValues(
  json: Json,
  upstreamKeys: KeySet,
  hasItem: boolean,
  path: readonly string[] = [],
): ValueProblem[] {
  if (Array.isArray(json)) {
    return json.flatMap((item, index) => checkTemplateValues(item, upstreamKeys, hasItem, [...path, String(index)]))
  }
  const object = asObject(json)
  if (object === null) return []
  if (!Object.hasOwn(object, '$value')) {
    return Object.entries(object).flatMap(([key, item]) =>
      checkTemplateValues(item, upstreamKeys, hasItem, [...path, key]),
    )
  }
  const at = [...path, '$value']
  const { $value } = object
  if (Object.keys(object).length > 1) return [{ path: at, rule: 'must stand alone: $value replaces its whole mapping' }]
  if (typeof $value !== 'string' || $value === '') return [{ path: at, rule: 'must be a CEL expression' }]
  const rule = checkValueExpression($value, upstreamKeys, hasItem)
  return rule === null ? [] : [{ path: at, rule }]
}

/** The JSON value with every `{ $value: <CEL> }` replaced by the expression's value. Throws EvaluationError. */
export function resolveValues(json: Json, scope: ConditionScope): Json {
  if (Array.isArray(json)) return json.map((item) => resolveValues(item, scope))
  const object = asObject(json)
  if (object === null) return json
  if (typeof object.$value === 'string') return evaluate(object.$value, scope)
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, resolveValues(item, scope)]))
}
