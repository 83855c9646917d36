import type { z } from 'zod'
import { RefusedFailure } from '../failure.js'
import { type Lines, lineAt, linesOf, pathText } from './lines.js'
import { type ExecutedTask, WfFormat14 as Layout14, type SpecifiedTask, type WfFormat14, WfFormat15 } from './schema.js'

/** A recorded workflow, the same for every version of the format. */
export interface Recording {
  readonly name: string | null
  readonly description: string | null
  readonly version: string
  readonly tasks: readonly SpecifiedTask[]
  /** Empty where nothing was measured. */
  readonly executed: readonly ExecutedTask[]
  readonly fileCount: number
  readonly machineCount: number
  /** Parts of the head that a DAG has no place for. */
  readonly extras: readonly string[]
  /** Where `tasks` is in the text. */
  readonly tasksPath: readonly string[]
  readonly lines: Lines
}

/** Reads WfFormat 1.5, or the older layout. Throws RefusedFailure that names each field, rule, value and line. */
export function parseWfFormat(source: string): Recording {
  const text = source.replace(/^\uFEFF/, '')
  const json = parseJson(text)
  const lines = linesOf(text, 6)
  const workflow = (json as { workflow?: { tasks?: unknown; specification?: unknown } } | null)?.workflow
  if (workflow?.tasks !== undefined && workflow.specification === undefined) {
    return fromOldLayout(validated(Layout14, json, lines), lines)
  }
  const { workflow: valid, ...head } = validated(WfFormat15, json, lines)
  return {
    ...headOf(head, '1.5'),
    extras: extrasOf({ ...head, makespanInSeconds: valid.execution?.makespanInSeconds }),
    tasks: valid.specification.tasks,
    executed: valid.execution?.tasks ?? [],
    fileCount: valid.specification.files?.length ?? 0,
    machineCount: valid.execution?.machines?.length ?? 0,
    tasksPath: ['workflow', 'specification', 'tasks'],
    lines,
  }
}

function fromOldLayout({ workflow, ...head }: WfFormat14, lines: Lines): Recording {
  return {
    ...headOf(head, '1.4'),
    extras: extrasOf({ ...head, makespanInSeconds: workflow.makespanInSeconds ?? workflow.makespan }),
    tasks: workflow.tasks,
    executed: workflow.tasks,
    fileCount: workflow.tasks.reduce((count, task) => count + (task.files?.length ?? 0), 0),
    machineCount: workflow.machines?.length ?? 0,
    tasksPath: ['workflow', 'tasks'],
    lines,
  }
}

interface Head {
  readonly name?: string | null | undefined
  readonly description?: string | null | undefined
  readonly schemaVersion?: string | number | null | undefined
}

function headOf(head: Head, version: string): Pick<Recording, 'name' | 'description' | 'version'> {
  return {
    name: head.name ?? null,
    description: head.description ?? null,
    version: String(head.schemaVersion ?? version),
  }
}

function extrasOf(head: Readonly<Record<string, unknown>>): string[] {
  return ['author', 'runtimeSystem', 'makespanInSeconds'].filter((field) => head[field] != null)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const { message } = error as Error
    const position = / at position (\d+)/.exec(message)?.[1]
    const line = position === undefined ? '' : ` (line ${text.slice(0, Number(position)).split('\n').length})`
    throw new RefusedFailure(`The workflow: must be JSON${line}: ${message}`)
  }
}

function validated<Schema extends z.ZodType>(schema: Schema, json: unknown, lines: Lines): z.infer<Schema> {
  const result = schema.safeParse(json, { reportInput: true })
  if (result.success) return result.data
  const shown = result.error.issues.slice(0, 20).map((issue) => issueText(issue, lines))
  const more = result.error.issues.length - shown.length
  throw new RefusedFailure([...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'))
}

function issueText(issue: z.core.$ZodIssue, lines: Lines): string {
  const field = issue.path.length === 0 ? 'The workflow' : pathText(issue.path)
  const given =
    issue.input === undefined ? 'nothing' : (JSON.stringify(issue.input) ?? String(issue.input)).slice(0, 80)
  const rule = issue.message.replace(/^Invalid input: expected (.*?)(, received .*)?$/, 'must be $1')
  return `${field}: ${rule}, given ${given} (line ${lineAt(lines, issue.path) ?? '?'})`
}
