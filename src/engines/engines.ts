import type { Json } from '../domain/json.js'
import type { ConditionScope } from '../domain/run/commands.js'
import type { Engine } from './engine.js'
import { HttpEngine } from './http.js'
import { processEngine } from './process.js'
import { type ResolveInputs, TemplatedEngine } from './templated.js'

/** Every engine by the name that actions have for it; the two functions give expressions their values. */
export function createEngines(
  resolveValues: (value: Json, scope: ConditionScope) => Json,
  resolveInputs: ResolveInputs,
): Record<string, Engine> {
  const process = new TemplatedEngine(processEngine, resolveInputs)
  const http = new TemplatedEngine(new HttpEngine(resolveValues), resolveInputs)
  return { shell: process, script: process, http }
}
