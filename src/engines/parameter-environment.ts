import { parameterVariable } from '../domain/dag/parameter-variable.js'
import type { Json, JsonObject } from '../domain/json.js'
import { textValues } from './process-spec.js'

/** `DAGBOOK_PARAM_*` for a command. */
export function parameterEnvironment(parameters: JsonObject): Record<string, string> {
  const named: Record<string, Json> = {}
  for (const [name, value] of Object.entries(parameters)) named[parameterVariable(name)] = value
  const variables = textValues(named)
  // Linux takes no longer string; the value is in $DAGBOOK_INPUT all the same.
  for (const [name, value] of Object.entries(variables)) {
    if (Buffer.byteLength(value) + name.length > 120_000) delete variables[name]
  }
  return variables
}
