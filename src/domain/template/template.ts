import type { Engine } from '../dag/action.js'
import type { TemplateDefinition } from '../dag/definition.js'
import type { JsonObject } from '../json.js'
import { type Decision, refuse } from '../rejection.js'

/** One stream per version of a template: it is published once and never changes. */
export interface TemplateEvent {
  readonly type: 'TemplatePublished'
  readonly data: TemplatePublished
}

export interface TemplatePublished {
  readonly name: string
  /** 1, 2, 3 ... of that name. */
  readonly version: number
  readonly engine: Engine
  readonly taskType: string | null
  readonly description: string | null
  readonly definition: TemplateDefinition
  /** JSON Schema (draft 2020-12) of what `with` may give. */
  readonly parametersSchema: JsonObject
  /** SHA-256 of all the rest but name and version, hex. */
  readonly checksum: string
}

export interface TemplateCommand extends TemplatePublished {
  readonly type: 'PublishTemplate'
}

export type TemplateState = { readonly status: 'NONE' } | { readonly status: 'PRESENT'; readonly checksum: string }

export const NO_TEMPLATE: TemplateState = { status: 'NONE' }

export function decideTemplate(command: TemplateCommand, state: TemplateState): Decision<TemplateEvent> {
  const { type: _, ...data } = command
  if (state.status === 'NONE') return [{ type: 'TemplatePublished', data }]
  if (state.checksum === command.checksum) return []
  return refuse('CONFLICT', `Template ${command.name}@${command.version} is published already`, ['name'])
}

export function evolveTemplate(_: TemplateState, event: TemplateEvent): TemplateState {
  return { status: 'PRESENT', checksum: event.data.checksum }
}
