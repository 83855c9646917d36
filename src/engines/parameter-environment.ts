import { parameterVariable } from '../domain/dag/parameter-variable.js'
import type { Json, JsonObject } from '../domain/json.js'
import type { ConditionScope } from '../domain/run/commands.js'
import { textValues } from './process-spec.js'

/** `DAGBOOK_PARAM_*` for a command. */
export function parameterEnvironment(parameters: JsonObject): Record<string, string> {
  const named: Record<string, Json> = {}
  for (const [name, value] of Object.entries(parameters)) named[parameterVariable(name)] = value
  return shortEnough(textValues(named))
}

/** `DAGBOOK_ITEM` and `DAGBOOK_INDEX` of an element of a `forEach`; nothing for others. */
export function itemEnvironment({ item, index }: Pick<ConditionScope, 'item' | 'index'>): Record<string, string> {
  if (item === undefined || index === undefined) return {}
  return shortEnough(textValues({ DAGBOOK_ITEM: item, DAGBOOK_INDEX: index }))
}

function shortEnough(variables: Record<string, string>): Record<string, string> {
  // Linux takes no longer string; the value is in $DAGBOOK_INPUT all the same.
  for (const [name, value] of Object.entries(variables)) {
    if (Buffer.byteLength(value) + name.length > 120_000) delete variables[name]
  }
  return variables
}
