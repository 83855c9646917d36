import type { Json, JsonObject } from '../domain/json.js'
import { checkEngine, checkNoTaskKeysAtTop } from './check-engine.js'
import { checkExpressions, UpstreamKeys } from './check-expressions.js'
import { checkHttp } from './check-http.js'
import { checkNeeds, type TaskGraph } from './check-needs.js'
import { checkSchedule } from './check-schedule.js'
import { checkStructure } from './check-structure.js'
import { checkDuration, checkThreadMemory, checkValues } from './check-values.js'
import { checkParametersSchema } from './compile-parameters.js'
import { findCycles } from './cycles.js'
import { asObject, own } from './json-access.js'
import type { ProblemList } from './problem-list.js'
import { subject } from './quote.js'

/** Names in a cycle's message; a cycle of 10,000 tasks is cut in its middle. */
const MAX_CYCLE_NAMES = 20

/** Checks a file's value from structure to conditions; goes on where it can, so that all problems are found at once. */
export function checkContent(file: Json, problems: ProblemList): void {
  const top = asObject(file)
  if (top === null) {
    problems.add({ code: 'INVALID', path: [], message: 'The file must be a mapping with name and tasks' })
    return
  }
  // First, for its bound on the number of tasks.
  const tasks = own(top, 'tasks')
  const graph = checkNeeds(asObject(tasks) ?? {}, problems)
  checkStructure(top, problems)
  checkDuration(own(top, 'timeout'), ['timeout'], 'POSITIVE', problems)
  checkParameters(asObject(own(top, 'parameters')), problems)
  checkSchedule(top, problems)
  const { timeout: _, ...withoutTimeout } = top
  if (tasks === undefined) checkTask(withoutTimeout, [], new UpstreamKeys(graph, true).of(0), problems)
  else checkTasks(top, graph, problems)
}

function checkTasks(top: JsonObject, graph: TaskGraph, problems: ProblemList): void {
  checkNoTaskKeysAtTop(top, problems)
  const defaults = asObject(own(top, 'defaults'))
  if (defaults !== null) checkValues(defaults, ['defaults'], problems)
  const isAcyclic = checkCycles(graph, problems)
  const upstream = new UpstreamKeys(graph, isAcyclic)
  graph.keys.forEach((key, ordinal) => {
    const task = asObject(asObject(own(top, 'tasks'))?.[key])
    if (task !== null) checkTask(task, ['tasks', key], upstream.of(ordinal), problems)
  })
}

function checkTask(
  task: JsonObject,
  path: readonly string[],
  upstream: { has(key: string): boolean },
  problems: ProblemList,
): void {
  checkEngine(task, path, problems)
  checkValues(task, path, problems)
  const http = asObject(own(task, 'http'))
  if (http !== null) checkHttp(http, [...path, 'http'], problems)
  const thread = asObject(own(task, 'thread'))
  if (thread !== null) checkThreadMemory(own(thread, 'memory'), [...path, 'thread', 'memory'], problems)
  checkExpressions(task, path, upstream, problems)
}

function checkParameters(schema: JsonObject | null, problems: ProblemList): void {
  if (schema === null) return
  for (const { code, path: inside, rule } of checkParametersSchema(schema)) {
    const path = ['parameters', ...inside]
    problems.add({ code, path, message: `${subject(path)} ${rule}` })
  }
}

/** Names each cycle once, in the order in which its tasks would run; says whether there was none. */
function checkCycles(graph: TaskGraph, problems: ProblemList): boolean {
  const cycles = findCycles(graph.needs)
  for (const needing of cycles) {
    // `needs` point backwards: a needs c needs b needs a is a -> b -> c -> a.
    const [first, ...rest] = needing
    const order = [first as number, ...rest.reverse()].map((ordinal) => graph.keys[ordinal] as string)
    const key = order[0] as string
    const message = `The tasks must not form a cycle: ${shown([...order, key]).join(' -> ')}`
    problems.add({ code: 'CYCLE', path: ['tasks', key, 'needs'], message })
  }
  return cycles.length === 0
}

function shown(keys: readonly string[]): readonly string[] {
  if (keys.length <= MAX_CYCLE_NAMES) return keys
  const half = MAX_CYCLE_NAMES / 2
  return [...keys.slice(0, half), `(${keys.length - MAX_CYCLE_NAMES} more)`, ...keys.slice(-half)]
}
