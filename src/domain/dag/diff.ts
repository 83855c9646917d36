import type { Json, JsonObject } from '../json.js'
import { isSame } from '../same.js'
import type { DagDefinition } from './definition.js'

/** A key whose value differs; `before` and `after` are left out where the key is not there. */
export interface KeyChange {
  readonly key: string
  readonly before?: Json
  readonly after?: Json
}

export interface TaskChange {
  readonly key: string
  /** The task's own keys that differ, by name. */
  readonly changes: readonly KeyChange[]
}

/** What lies between two definitions of one DAG. */
export interface DefinitionDiff {
  /** Keys beside the tasks: `schedule`, `parameters`, `defaults`, `timeout` ..., by name. */
  readonly changes: readonly KeyChange[]
  readonly tasks: {
    /** In the later file's order. */
    readonly added: readonly { readonly key: string; readonly after: Json }[]
    /** In the earlier file's order. */
    readonly removed: readonly { readonly key: string; readonly before: Json }[]
    /** In the later file's order. */
    readonly changed: readonly TaskChange[]
  }
}

/**
 * The structural difference from one definition to another: comments and the order of keys make none; `60s` and `1m` do
 * differ, as they were written.
 */
export function diffDefinitions(from: DagDefinition, to: DagDefinition): DefinitionDiff {
  const { tasks: before, ...restBefore } = from as unknown as JsonObject & { tasks: JsonObject }
  const { tasks: after, ...restAfter } = to as unknown as JsonObject & { tasks: JsonObject }
  const changed: TaskChange[] = []
  const added: { key: string; after: Json }[] = []
  for (const [key, task] of Object.entries(after)) {
    if (!Object.hasOwn(before, key)) added.push({ key, after: task })
    else {
      const changes = keyChanges(before[key] as JsonObject, task as JsonObject)
      if (changes.length > 0) changed.push({ key, changes })
    }
  }
  const removed = Object.entries(before).flatMap(([key, task]) =>
    Object.hasOwn(after, key) ? [] : [{ key, before: task }],
  )
  return { changes: keyChanges(restBefore, restAfter), tasks: { added, removed, changed } }
}

function keyChanges(before: JsonObject, after: JsonObject): KeyChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return keys.flatMap((key) => {
    const [was, is] = [own(before, key), own(after, key)]
    if (was !== undefined && is !== undefined && isSame(was, is)) return []
    return [{ key, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) }]
  })
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}
