import type { Plan, PlannedTask } from './plan.js'

/**
 * A task with `forEach` has an instance for each element of a list that only the run knows: `load[0]`, `load[1]` ... The
 * task's own instance stands for all of them: it waits for its upstreams, reads the list, and ends when they have ended.
 */
export const MAX_ELEMENTS = 10_000

/** Instances of one run, elements included. */
export const MAX_INSTANCES = 100_000

/** Ordinals of elements begin beyond those of every task that a plan may have, and leave each task room for its own. */
export const ELEMENT_STRIDE = 16_384

/** Places as they are written, below MAX_ELEMENTS: others are no element's, and could be another task's ordinal. */
const ELEMENT_KEY = /^(.+)\[(0|[1-9]\d{0,3})\]$/

export function elementKey(task: string, index: number): string {
  return `${task}[${index}]`
}

/** The task and the place in its list, from 0; null for the key of a task. */
export function parseElementKey(key: string): { readonly task: string; readonly index: number } | null {
  const [, task, index] = ELEMENT_KEY.exec(key) ?? []
  return task === undefined ? null : { task, index: Number(index) }
}

/** The ordinal that an element has in its run for ever; with the run's id it makes the instance's. */
export function elementOrdinal(taskOrdinal: number, index: number): number {
  return (taskOrdinal + 1) * ELEMENT_STRIDE + index
}

/** The ordinal of an instance by its key; undefined where the plan has no such task. */
export function ordinalOf(ordinals: ReadonlyMap<string, number>, key: string): number | undefined {
  const element = parseElementKey(key)
  if (element === null) return ordinals.get(key)
  const task = ordinals.get(element.task)
  return task === undefined ? undefined : elementOrdinal(task, element.index)
}

/** Where an instance stands among those of its run: tasks as in the file, elements as in their list. */
export function placeInFile(ordinals: ReadonlyMap<string, number>, key: string): number {
  const { task, index } = parseElementKey(key) ?? { task: key, index: 0 }
  return (ordinals.get(task) as number) + index
}

/** What an instance asks for: an element the same as its task. */
export function plannedOf({ tasks }: Plan, ordinals: ReadonlyMap<string, number>, key: string): PlannedTask {
  return tasks[ordinals.get(parseElementKey(key)?.task ?? key) as number] as PlannedTask
}

/** Tasks for the elements of a list, to stand behind all others of a run: they wait for nobody. */
export function elementTasks(plan: Plan, ordinal: number, count: number): PlannedTask[] {
  const { forEach: _, ...task } = plan.tasks[ordinal] as PlannedTask
  return Array.from({ length: count }, (_, index) => ({
    ...task,
    ordinal: plan.tasks.length + index,
    key: elementKey(task.key, index),
    needs: [],
    triggerRule: 'ALL_SUCCESS',
    condition: null,
    elementOf: ordinal,
  }))
}
