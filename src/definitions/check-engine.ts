import type { JsonObject } from '../domain/json.js'
import type { ProblemList } from './problem-list.js'
import { subject } from './quote.js'
import { ENGINE_KEYS, SINGLE_TASK_KEYS } from './single-task.js'

const LIST = new Intl.ListFormat('en-GB')

type EngineKey = (typeof ENGINE_KEYS)[number]

/** Keys that mean something to some engines only. */
const KEYS_OF_ENGINES: ReadonlyMap<string, readonly EngineKey[]> = new Map([
  ['arguments', ['run', 'script']],
  ['interpreter', ['script']],
  ['directory', ['run', 'script', 'template']],
  ['env', ['run', 'script', 'thread', 'template']],
  ['machine', ['run', 'script', 'template']],
  ['labels', ['run', 'script', 'template']],
  ['user', ['run', 'script', 'template']],
  ['resources', ['run', 'script', 'template']],
  ['verdict', ['run', 'script', 'template']],
  ['with', ['template']],
])

/** Exactly one of ENGINE_KEYS, and no key of another engine. */
export function checkEngine(task: JsonObject, path: readonly string[], problems: ProblemList): void {
  const engines = ENGINE_KEYS.filter((key) => Object.hasOwn(task, key))
  if (engines.length === 0) missingEngine(path, problems)
  else if (engines.length > 1) {
    const message = `${subject(path)} must have exactly one of ${ENGINE_KEYS.join(', ')}, not ${engines.join(' and ')}`
    problems.add({ code: 'INVALID', path: [...path, engines[1] as string], message, at: 'KEY' })
  } else checkKeysOfEngine(task, engines[0] as EngineKey, path, problems)
}

function checkKeysOfEngine(task: JsonObject, engine: EngineKey, path: readonly string[], problems: ProblemList): void {
  for (const [key, allowed] of KEYS_OF_ENGINES) {
    if (!Object.hasOwn(task, key) || allowed.includes(engine)) continue
    const message = `${subject([...path, key])} is for ${said(allowed)} only, not for ${engine}`
    problems.add({ code: 'INVALID', path: [...path, key], message, at: 'KEY' })
  }
}

/** A template may be of either kind: it goes without saying, unless nothing else is meant. */
function said(allowed: readonly EngineKey[]): string {
  return LIST.format(allowed.length === 1 ? allowed : allowed.filter((key) => key !== 'template'))
}

/** Keys that a task says beside its template and that mean nothing to the template's engine (`run`, `http` ...). */
export function keysBesideTemplate(task: object, engine: string): { key: string; allowed: readonly string[] }[] {
  return [...KEYS_OF_ENGINES].flatMap(([key, allowed]) =>
    key === 'with' || !Object.hasOwn(task, key) || allowed.includes(engine as EngineKey)
      ? []
      : [{ key, allowed: allowed.filter((each) => each !== 'template') }],
  )
}

function missingEngine(path: readonly string[], problems: ProblemList): void {
  const message =
    path.length === 0
      ? `The file needs tasks, or one of ${ENGINE_KEYS.join(', ')} for a DAG of one task`
      : `${subject(path)} needs one of ${ENGINE_KEYS.join(', ')}`
  problems.add({ code: 'REQUIRED', path, message, at: 'KEY' })
}

/** With `tasks`, a task's own keys at the top level are misplaced. */
export function checkNoTaskKeysAtTop(file: JsonObject, problems: ProblemList): void {
  for (const key of SINGLE_TASK_KEYS) {
    if (!Object.hasOwn(file, key)) continue
    const message = `${key} belongs to a task when the file has tasks`
    problems.add({ code: 'INVALID', path: [key], message, at: 'KEY' })
  }
}
