import { RefusedFailure } from '../failure.js'
import type { RecordedTask } from './tasks.js'
import type { Warnings } from './warning.js'

/**
 * The parents of each task, by id, without repeats: those that it names, and those that name it as their child.
 * References to nobody and to oneself are dropped with a warning; a cycle is refused, its tasks named in order.
 */
export function parentsOf(tasks: readonly RecordedTask[], warnings: Warnings): ReadonlyMap<string, readonly string[]> {
  const resolve = resolver(tasks)
  const parents = new Map(tasks.map(({ id }) => [id, new Set<string>()]))
  const connect = (task: RecordedTask, list: 'parents' | 'children'): number => {
    let derived = 0
    task[list].forEach((reference, at) => {
      const other = resolve(reference)
      const [parent, child] = list === 'parents' ? [other, task.id] : [task.id, other]
      if (parent === undefined || child === undefined || parent === child) {
        const why = other === undefined ? 'is no task of the workflow' : 'is the task itself'
        warnings.addAt(task.index, 'REFERENCE_DROPPED', `Task ${task.id}: ${list} names ${reference}, which ${why}`, [
          list,
          at,
        ])
        return
      }
      const known = parents.get(child) as Set<string>
      if (!known.has(parent)) derived += 1
      known.add(parent)
    })
    return derived
  }
  for (const task of tasks) connect(task, 'parents')
  const derived = tasks.reduce((count, task) => count + connect(task, 'children'), 0)
  if (derived > 0) {
    warnings.add('EDGE_DERIVED', `${derived} edges are recorded only as children; they became needs like the others`)
  }
  const result = new Map([...parents].map(([id, set]) => [id, [...set]]))
  refuseCycle(result)
  return result
}

/** Version 1.4 refers to tasks by name where they have ids as well; a name that several tasks share refers to none. */
function resolver(tasks: readonly RecordedTask[]): (reference: string) => string | undefined {
  const ids = new Set(tasks.map(({ id }) => id))
  const byName = new Map<string, string | undefined>()
  for (const { id, name } of tasks) if (name !== null) byName.set(name, byName.has(name) ? undefined : id)
  return (reference) => (ids.has(reference) ? reference : byName.get(reference))
}

function refuseCycle(parents: ReadonlyMap<string, readonly string[]>): void {
  const open = new Map([...parents].map(([id, list]) => [id, new Set(list)]))
  const children = new Map([...parents.keys()].map((id): [string, string[]] => [id, []]))
  for (const [id, list] of parents) for (const parent of list) children.get(parent)?.push(id)
  const ready = [...open].filter(([, list]) => list.size === 0).map(([id]) => id)
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    open.delete(id)
    for (const child of children.get(id) ?? []) {
      const left = open.get(child)
      left?.delete(id)
      if (left?.size === 0) ready.push(child)
    }
  }
  const [start] = open.keys()
  if (start === undefined) return
  throw new RefusedFailure(`The workflow: must have no cycle, has ${cycleFrom(start, open).join(' -> ')}`)
}

/** Every task that is left has a parent that is left: walking up must come back somewhere. */
function cycleFrom(start: string, open: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const path: string[] = []
  const places = new Map<string, number>()
  let id = start
  while (!places.has(id)) {
    places.set(id, path.length)
    path.push(id)
    id = [...(open.get(id) ?? [])][0] as string
  }
  return [...path.slice(places.get(id)), id].reverse()
}
