import type { Json } from '../domain/json.js'
import type { ConditionScope } from '../domain/run/commands.js'
import type { Engine } from './engine.js'
import { HttpEngine } from './http.js'
import { ProcessEngine } from './process.js'
import { type ResolveInputs, TemplatedEngine } from './templated.js'
import { ThreadEngine, type ThreadSettings } from './thread.js'
import type { CompilePattern } from './verdict/match-rules.js'

/** Every engine by the name that actions have for it; two functions give expressions their values, one patterns theirs. */
export function createEngines(
  threads: ThreadSettings,
  resolveValues: (value: Json, scope: ConditionScope) => Json,
  resolveInputs: ResolveInputs,
  compilePattern: CompilePattern,
): Record<string, Engine> {
  const process = new TemplatedEngine(new ProcessEngine(compilePattern), resolveInputs)
  const http = new TemplatedEngine(new HttpEngine(resolveValues), resolveInputs)
  const thread = new TemplatedEngine(new ThreadEngine(threads, resolveValues), resolveInputs)
  return { shell: process, script: process, http, thread }
}
