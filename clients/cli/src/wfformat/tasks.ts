import { RefusedFailure } from '../failure.js'
import type { Recording } from './parse.js'
import type { ExecutedTask } from './schema.js'
import type { Warnings } from './warning.js'

/** A task of the recording by its id, which no other task has. */
export interface RecordedTask {
  readonly id: string
  /** Where it is in the text's list. */
  readonly index: number
  readonly name: string | null
  readonly parents: readonly string[]
  readonly children: readonly string[]
}

/** The tasks in the text's order. One that comes a second time is merged into the first. Throws on a task without id. */
export function recordedTasks({ tasks }: Recording, warnings: Warnings): RecordedTask[] {
  const byId = new Map<string, RecordedTask>()
  tasks.forEach((task, index) => {
    const id = task.id ?? task.name
    if (id == null)
      throw new RefusedFailure(`Task ${index + 1} of ${tasks.length}: must have an id or a name, has neither`)
    const first = byId.get(id)
    const [parents, children] = [task.parents ?? [], task.children ?? []]
    if (first === undefined) {
      byId.set(id, { id, index, name: task.name ?? null, parents, children })
      return
    }
    warnings.addAt(
      index,
      'TASK_MERGED',
      `Task ${id}: comes a second time; its parents and children were added to the first`,
    )
    byId.set(id, { ...first, parents: [...first.parents, ...parents], children: [...first.children, ...children] })
  })
  return [...byId.values()]
}

/** Seconds by task id, 0 with a warning where none, or none that makes sense, was recorded. */
export function runtimes(
  { executed }: Recording,
  tasks: readonly RecordedTask[],
  warnings: Warnings,
): ReadonlyMap<string, number> {
  const recorded = new Map<string, number | null>()
  for (const task of executed) {
    const id = task.id ?? task.name
    const seconds = task.runtimeInSeconds ?? task.runtime ?? null
    if (id != null && !(recorded.has(id) && seconds === null)) recorded.set(id, seconds)
  }
  const known = new Set(tasks.map(({ id }) => id))
  const strangers = [...recorded.keys()].filter((id) => !known.has(id))
  if (strangers.length > 0) {
    const message = `${strangers.length} executed tasks are not specified and were left out, such as ${strangers[0]}`
    warnings.add('REFERENCE_DROPPED', message)
  }
  return new Map(tasks.map((task) => [task.id, sensible(task, recorded.get(task.id) ?? null, warnings)]))
}

function sensible({ id, index }: RecordedTask, seconds: number | null, warnings: Warnings): number {
  if (seconds !== null && Number.isFinite(seconds) && seconds >= 0) return seconds
  const why = seconds === null ? 'no runtime was recorded' : `the recorded runtime ${seconds} is negative`
  warnings.addAt(index, 'RUNTIME_MISSING', `Task ${id}: ${why}; it takes no time`)
  return 0
}

/** Whether the measurement has this field with a value. */
export function has(task: ExecutedTask, ...fields: readonly (keyof ExecutedTask)[]): boolean {
  return fields.some((field) => task[field] !== undefined && task[field] !== null)
}
