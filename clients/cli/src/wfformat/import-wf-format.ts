import { RefusedFailure, UsageFailure } from '../failure.js'
import { parentsOf } from './edges.js'
import { warnOfLosses } from './losses.js'
import { dagName, taskKeys } from './names.js'
import { parseWfFormat } from './parse.js'
import { recordedTasks, runtimes } from './tasks.js'
import { type ImportWarning, Warnings } from './warning.js'

/** A task of the DAG file. `name ?? key` is the recorded id. */
export interface ImportedTask {
  readonly name?: string
  readonly needs?: readonly string[]
  readonly run: string
}

/** A DAG file in its JSON form. */
export interface ImportedDefinition {
  readonly name: string
  readonly description?: string
  readonly tasks: Readonly<Record<string, ImportedTask>>
}

export interface ImportOptions {
  /** Seconds of sleep for a recorded second, from 0 on. */
  readonly scale: number
  /** The DAG's name, instead of the workflow's. */
  readonly name?: string
}

export interface Imported {
  readonly definition: ImportedDefinition
  readonly warnings: readonly ImportWarning[]
}

/** What the server accepts. */
const MOST_TASKS = 10_000
const MOST_EDGES = 100_000

/**
 * Turns a recorded workflow (WfFormat 1.5, or the older layout) into a DAG of the same shape whose tasks sleep for the
 * recorded runtime times the scale. Pure. Throws RefusedFailure for what is no workflow, UsageFailure for bad options.
 */
export function importWfFormat(text: string, options: ImportOptions): Imported {
  if (!(Number.isFinite(options.scale) && options.scale >= 0)) {
    throw new UsageFailure(`--scale: must be a number from 0 on, given ${options.scale}`)
  }
  const recording = parseWfFormat(text)
  const warnings = new Warnings(recording.lines, recording.tasksPath)
  const name = dagName(recording.name, options.name)
  if (recording.name !== null && recording.name !== name && options.name === undefined) {
    warnings.add('RENAMED', `Workflow ${recording.name}: does not fit a DAG's name and became ${name}`)
  }
  const tasks = recordedTasks(recording, warnings)
  const keys = new Map(taskKeys(tasks.map(({ id }) => id)).map((key, at) => [tasks[at]?.id ?? '', key]))
  const parents = parentsOf(tasks, warnings)
  const seconds = runtimes(recording, tasks, warnings)
  const entries = tasks.map(({ id, index }): [string, ImportedTask] => {
    const key = keys.get(id) as string
    if (key !== id) warnings.addAt(index, 'RENAMED', `Task ${id}: does not fit a task's key and became ${key}`)
    const needs = (parents.get(id) ?? []).map((parent) => keys.get(parent) as string)
    const run = sleepCommand(id, seconds.get(id) ?? 0, options.scale)
    return [key, { ...(key === id ? {} : { name: id }), ...(needs.length > 0 ? { needs } : {}), run }]
  })
  warnOfSize(entries, warnings)
  warnOfLosses(recording, tasks, warnings)
  const description = recording.description?.trim()
  const definition = { name, ...(description ? { description } : {}), tasks: Object.fromEntries(entries) }
  return { definition, warnings: warnings.all }
}

/** `sleep 0.809301`: at most 9 decimals, never an exponent; at scale 0 a command that does nothing. */
function sleepCommand(id: string, seconds: number, scale: number): string {
  if (scale === 0) return ':'
  const total = seconds * scale
  // From here on toFixed would write an exponent; it is 30 million years.
  if (!(total < 1e15)) throw new RefusedFailure(`Task ${id}: must sleep for less than 10^15 seconds, is ${total}`)
  return `sleep ${total.toFixed(9).replace(/\.?0+$/, '')}`
}

function warnOfSize(entries: readonly [string, ImportedTask][], warnings: Warnings): void {
  const edges = entries.reduce((count, [, task]) => count + (task.needs?.length ?? 0), 0)
  if (entries.length > MOST_TASKS) warnings.add('TOO_LARGE', `${entries.length} tasks: a DAG may have ${MOST_TASKS}`)
  if (edges > MOST_EDGES) warnings.add('TOO_LARGE', `${edges} edges: a DAG may have ${MOST_EDGES}`)
}
