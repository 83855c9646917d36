import type { JsonObject } from '../domain/json.js'
import { asList, asObject, own } from './json-access.js'
import { MAX_NEEDS, MAX_TASKS } from './limits.js'
import { didYouMean } from './near-keys.js'
import type { ProblemList } from './problem-list.js'
import { quote, subject } from './quote.js'
import { TooLarge } from './too-large.js'

/** The tasks as a graph: keys in the file's order, and for each the ordinals of what it needs (valid needs only). */
export interface TaskGraph {
  readonly keys: readonly string[]
  readonly ordinals: ReadonlyMap<string, number>
  readonly needs: readonly (readonly number[])[]
}

/** Checks that every need is another task of the file, once. Throws TooLarge over MAX_TASKS or MAX_NEEDS. */
export function checkNeeds(tasks: JsonObject, problems: ProblemList): TaskGraph {
  const keys = Object.keys(tasks)
  if (keys.length > MAX_TASKS)
    throw new TooLarge(`The file has ${keys.length} tasks; at most ${MAX_TASKS} are accepted`)
  const ordinals = new Map(keys.map((key, ordinal) => [key, ordinal]))
  let count = 0
  const needs = keys.map((key) => {
    const list = asList(own(asObject(tasks[key]) ?? {}, 'needs')) ?? []
    count += list.length
    if (count > MAX_NEEDS) throw new TooLarge(`The file has more than ${MAX_NEEDS} needs`)
    return needsOf(key, list, ordinals, problems)
  })
  return { keys, ordinals, needs }
}

function needsOf(
  key: string,
  list: readonly unknown[],
  ordinals: ReadonlyMap<string, number>,
  problems: ProblemList,
): number[] {
  const found = new Set<number>()
  list.forEach((need, index) => {
    if (typeof need !== 'string') return
    const path = ['tasks', key, 'needs', String(index)]
    const ordinal = ordinals.get(need)
    if (ordinal === undefined) {
      const message = () =>
        `${subject(path)} must be the key of a task, not ${quote(need)}${didYouMean(need, ordinals.keys())}`
      problems.add({ code: 'UNKNOWN_REFERENCE', path, message })
    } else if (need === key) {
      problems.add({ code: 'CYCLE', path, message: `${subject(['tasks', key])} must not need itself` })
    } else if (found.has(ordinal)) {
      problems.add({ code: 'INVALID', path, message: `${subject(path)} must not name ${need} a second time` })
    } else found.add(ordinal)
  })
  return [...found]
}
