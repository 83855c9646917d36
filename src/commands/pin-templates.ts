import { keysBesideTemplate } from '../definitions/check-engine.js'
import { KEY_OF_ENGINE } from '../definitions/single-task.js'
import { applyTemplateDefaults } from '../definitions/template-inputs.js'
import { templateReference } from '../definitions/template-reference.js'
import type { DagDefinition, PinnedTemplate, TaskDefinition } from '../domain/dag/definition.js'
import type { Rejection } from '../domain/rejection.js'
import type { Reader } from '../projections/list.js'
import { findTemplates, type TemplateRow } from '../projections/template/templates.js'
import { inTurns } from './in-turns.js'
import { rejection } from './prepared.js'

/** Of all tasks together; 10,000 take one or two seconds. */
const PIN_DEADLINE_MS = 20_000

export interface Pinned {
  /** With the templates that it uses; a task whose template cannot be used does nothing in it. */
  readonly definition: DagDefinition
  readonly rejections: readonly Rejection[]
}

/** Ties every task to the version of its template that there is now, and checks what it gives it. */
export async function pinTemplates(db: Reader, definition: DagDefinition): Promise<Pinned> {
  const references = new Set(Object.values(definition.tasks).flatMap(({ template }) => template ?? []))
  if (references.size === 0) return { definition, rejections: [] }
  const wanted = [...references].map((reference) => ({ reference, ...templateReference(reference) }))
  const found = await findTemplates(db, wanted)
  const templates = new Map<string, PinnedTemplate>()
  const rejections: Rejection[] = []
  const tasks: [string, TaskDefinition][] = []
  const isDone = await inTurns(Object.entries(definition.tasks), PIN_DEADLINE_MS, ([key, task]) => {
    const template = task.template === undefined ? undefined : found.get(task.template)
    const result = pinTask(task, template, ['tasks', key])
    if (isProblems(result)) {
      rejections.push(...result)
      tasks.push([key, { ...withoutTemplate(task), noop: {} }])
      return
    }
    tasks.push([key, result])
    if (template !== undefined)
      templates.set(result.template as string, { id: template.id, definition: template.definition })
  })
  if (!isDone) return tooSlow(definition)
  // Entries, not assignment: a task may be called `__proto__`.
  const pinned = { ...definition, tasks: Object.fromEntries(tasks), templates: Object.fromEntries(templates) }
  return { definition: pinned, rejections }
}

function unknown(reference: string, path: readonly string[]): Rejection[] {
  return [rejection('UNKNOWN_REFERENCE', `Template ${reference} does not exist`, ...path, 'template')]
}

/** Nothing more is said about it: no task of it is looked at any further. */
function tooSlow(definition: DagDefinition): Pinned {
  const message = `The inputs of its templates must take less than ${PIN_DEADLINE_MS} ms to check`
  return { definition: { ...definition, tasks: {} }, rejections: [rejection('TOO_LARGE', message)] }
}

/** The task with its template's version and all of its inputs, or what is wrong with it. */
function pinTask(
  task: TaskDefinition,
  template: TemplateRow | undefined,
  path: readonly string[],
): TaskDefinition | Rejection[] {
  if (task.template === undefined) return task
  if (template === undefined) return unknown(task.template, path)
  const name = `${template.name}@${template.version}`
  const engine = KEY_OF_ENGINE[template.engine]
  const misplaced = keysBesideTemplate(task, engine).map(({ key, allowed }) => {
    const rule = `is for ${allowed.join(' and ')} only, not for template ${name}, which is ${engine}`
    return rejection('INVALID', `${path.join('.')}.${key} ${rule}`, ...path, key)
  })
  const at = [...path, 'with']
  const inputs = { inputs: task.with ?? {}, schema: template.parametersSchema, template: name, path: at }
  const result = applyTemplateDefaults(inputs)
  const wrong = 'problems' in result ? result.problems : []
  const rejections = [
    ...misplaced,
    ...wrong.map(({ code, message, path: inside }) => rejection(code, message, ...at, ...inside)),
  ]
  if (rejections.length > 0 || 'problems' in result) return rejections
  return { ...task, template: name, with: result.values }
}

function isProblems(result: TaskDefinition | Rejection[]): result is Rejection[] {
  return Array.isArray(result)
}

function withoutTemplate({ template: _, with: __, ...task }: TaskDefinition): TaskDefinition {
  return task
}
