import { createHash } from 'node:crypto'
import { checkTask } from '../definitions/check-task.js'
import { checkParametersSchema } from '../definitions/compile-parameters.js'
import { subject } from '../definitions/quote.js'
import { KEY_OF_ENGINE } from '../definitions/single-task.js'
import type { Engine } from '../domain/dag/action.js'
import type { TemplateDefinition } from '../domain/dag/definition.js'
import type { JsonObject } from '../domain/json.js'
import { nameProblems } from '../domain/name.js'
import type { Refused, Rejection } from '../domain/rejection.js'
import { newId } from '../platform/ids.js'
import { canonicalJson } from '../platform/json.js'
import type { Reader } from '../projections/list.js'
import { findTemplates } from '../projections/template/templates.js'
import { CHECK_DEADLINE_MS, unknownReferences } from './check-source.js'
import { type Prepared, rejection } from './prepared.js'

export interface PublishTemplateRequest {
  readonly name: string
  readonly engine: string
  readonly taskType: string | null
  readonly description: string | null
  readonly definition: JsonObject
  readonly parametersSchema: JsonObject
}

const MAX_TASK_TYPE = 100
const MAX_DESCRIPTION = 2_000

/**
 * The next version of a template, or everything that is wrong with it. Unchanged content is no new version: the command
 * is then for the one that there is. Two who publish at once are told apart by the constraint `template_version`; who came
 * second prepares again.
 */
export async function preparePublishTemplate(db: Reader, request: PublishTemplateRequest): Promise<Prepared | Refused> {
  const rejections = [
    ...checkWords(request),
    ...checkSchema(request.parametersSchema),
    ...(await checkContent(db, request)),
  ]
  if (rejections.length > 0) return { rejections }
  const { name, ...content } = request
  const checksum = createHash('sha256').update(canonicalJson(content)).digest('hex')
  const latest = (await findTemplates(db, [{ reference: name, name, version: null }])).get(name)
  const isUnchanged = latest?.checksum === checksum
  const version = (latest?.version ?? 0) + (isUnchanged ? 0 : 1)
  const engine = content.engine as Engine
  const definition = content.definition as TemplateDefinition
  const command = { type: 'PublishTemplate', name, version, ...content, engine, definition, checksum } as const
  const streamId = isUnchanged ? latest.id : newId('template')
  return { streamId, command: { aggregate: 'template', command } }
}

function checkWords({ name, engine, taskType, description }: PublishTemplateRequest): Rejection[] {
  const problems = nameProblems('Template', name)
  if (!Object.hasOwn(KEY_OF_ENGINE, engine)) {
    const rule = `must be one of ${Object.keys(KEY_OF_ENGINE).join(', ')}`
    problems.push(
      rejection('INVALID', `Template engine ${rule}, given ${JSON.stringify(engine.slice(0, 100))}`, 'engine'),
    )
  }
  if (taskType !== null && (taskType.length === 0 || taskType.length > MAX_TASK_TYPE)) {
    const rule = `must have 1 to ${MAX_TASK_TYPE} characters, given ${taskType.length}`
    problems.push(rejection('INVALID', `Template taskType ${rule}`, 'taskType'))
  }
  if (description !== null && description.length > MAX_DESCRIPTION) {
    const rule = `must have at most ${MAX_DESCRIPTION} characters, given ${description.length}`
    problems.push(rejection('TOO_LARGE', `Template description ${rule}`, 'description'))
  }
  return problems
}

function checkSchema(schema: JsonObject): Rejection[] {
  return checkParametersSchema(schema).map(({ code, path, rule }) =>
    rejection(code, `${subject(['parametersSchema', ...path])} ${rule}`, 'parametersSchema', ...path),
  )
}

async function checkContent(db: Reader, { engine, definition }: PublishTemplateRequest): Promise<readonly Rejection[]> {
  const checked = await checkTask(definition, 'definition', ['name', 'template', 'with'], CHECK_DEADLINE_MS)
  if (!('tasks' in checked)) return checked
  const key = Object.hasOwn(KEY_OF_ENGINE, engine) ? KEY_OF_ENGINE[engine as Engine] : null
  if (key !== null && !Object.hasOwn(definition, key)) {
    return [rejection('REQUIRED', `definition needs ${key}, as the engine is ${engine}`, 'definition', key)]
  }
  const unknown = await unknownReferences(db, checked, null)
  return unknown.map(({ path, ...problem }) => ({ ...problem, path: ['definition', ...path.slice(2)] }))
}
