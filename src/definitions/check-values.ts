import { bytesOf, DURATION_PATTERN, MEMORY_PATTERN, millisecondsOf } from '../domain/dag/units.js'
import type { Json, JsonObject } from '../domain/json.js'
import { checkVerdict } from './check-verdict.js'
import { asList, asObject, own } from './json-access.js'
import { MAX_ARGUMENT_BYTES, MAX_DURATION_MS } from './limits.js'
import type { ProblemList } from './problem-list.js'
import { quote, subject } from './quote.js'

const DURATION = new RegExp(DURATION_PATTERN)
const MEMORY = new RegExp(MEMORY_PATTERN)

/** What a schema cannot say of the values that `defaults` and a task share: units, sizes, what comes later. */
export function checkValues(holder: JsonObject, path: readonly string[], problems: ProblemList): void {
  checkDuration(own(holder, 'timeout'), [...path, 'timeout'], 'POSITIVE', problems)
  checkDuration(own(holder, 'grace'), [...path, 'grace'], 'NOT_NEGATIVE', problems)
  checkDuration(own(holder, 'queueTimeout'), [...path, 'queueTimeout'], 'POSITIVE', problems)
  const verdict = asObject(own(holder, 'verdict'))
  if (verdict !== null) checkVerdict(verdict, [...path, 'verdict'], problems)
  const retry = asObject(own(holder, 'retry')) ?? {}
  checkDuration(own(retry, 'delay'), [...path, 'retry', 'delay'], 'NOT_NEGATIVE', problems)
  checkDuration(own(retry, 'maxDelay'), [...path, 'retry', 'maxDelay'], 'POSITIVE', problems)
  const resources = asObject(own(holder, 'resources')) ?? {}
  checkMemory(own(resources, 'memory'), [...path, 'resources', 'memory'], problems)
  checkEnvironment(asObject(own(holder, 'env')) ?? {}, [...path, 'env'], problems)
  checkLabels(holder, path, problems)
  checkBytes(own(holder, 'run'), [...path, 'run'], problems)
  asList(own(holder, 'arguments'))?.forEach((value, index) => {
    checkBytes(value, [...path, 'arguments', String(index)], problems)
  })
}

/** A duration's bounds; its form is the schema's affair. Milliseconds, where it has that form. */
export function checkDuration(
  value: Json | undefined,
  path: readonly string[],
  sign: 'POSITIVE' | 'NOT_NEGATIVE',
  problems: ProblemList,
): number | null {
  if (typeof value !== 'number' && !(typeof value === 'string' && value.length <= 100 && DURATION.test(value))) {
    return null
  }
  const milliseconds = millisecondsOf(value)
  if (sign === 'POSITIVE' && milliseconds === 0) refuse(value, path, 'must be longer than nothing', problems)
  if (milliseconds > MAX_DURATION_MS) refuse(value, path, 'must be at most 3650d', problems)
  return milliseconds
}

function checkMemory(value: Json | undefined, path: readonly string[], problems: ProblemList): void {
  if (!isMemory(value)) return
  if (!Number.isSafeInteger(bytesOf(value))) refuse(value, path, 'must be at most 9007TB', problems)
}

/** What a thread needs to begin at all, and what no server has: 16 MB to 1 TB. */
export function checkThreadMemory(value: Json | undefined, path: readonly string[], problems: ProblemList): void {
  if (!isMemory(value)) return
  if (bytesOf(value) < 16_000_000) refuse(value, path, 'must be at least 16MB', problems)
  if (bytesOf(value) > 1e12) refuse(value, path, 'must be at most 1TB', problems)
}

/** Whether it has the form; that is the schema's affair. */
function isMemory(value: Json | undefined): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && value.length <= 100 && MEMORY.test(value))
}

function checkLabels(holder: JsonObject, path: readonly string[], problems: ProblemList): void {
  if (!Object.hasOwn(holder, 'labels') || !Object.hasOwn(holder, 'machine')) return
  const at = [...path, 'labels']
  problems.add({ code: 'INVALID', path: at, message: `${subject(at)} is for tasks without a machine`, at: 'KEY' })
}

function checkEnvironment(environment: JsonObject, path: readonly string[], problems: ProblemList): void {
  for (const [name, value] of Object.entries(environment)) {
    const at = [...path, name]
    const object = asObject(value)
    if (object !== null && Object.hasOwn(object, 'secret')) checkSecret(object, at, problems)
    else checkBytes(value, at, problems)
  }
}

/** What a project's secret may be called. */
export const SECRET_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/

/** `{ secret: name }` and nothing else; whether the project has it is asked when the task is dispatched. */
function checkSecret(value: JsonObject, path: readonly string[], problems: ProblemList): void {
  const { secret, ...more } = value
  const isName = typeof secret === 'string' && secret.length <= 100 && SECRET_NAME.test(secret)
  if (isName && Object.keys(more).length === 0) return
  const must = 'must be { secret: NAME }, the name of letters, digits, _ and -, the first a letter or _, at most 100'
  problems.add({ code: 'INVALID', path, message: `${subject(path)} ${must}` })
}

function checkBytes(value: Json | undefined, path: readonly string[], problems: ProblemList): void {
  if (value === undefined) return
  const bytes = Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value))
  if (bytes <= MAX_ARGUMENT_BYTES) return
  const message = `${subject(path)} must be at most ${MAX_ARGUMENT_BYTES} bytes, not ${bytes}: put it into a file`
  problems.add({ code: 'TOO_LARGE', path, message })
}

function refuse(value: Json, path: readonly string[], must: string, problems: ProblemList): void {
  problems.add({ code: 'INVALID', path, message: `${subject(path)} ${must}, not ${quote(value)}` })
}
