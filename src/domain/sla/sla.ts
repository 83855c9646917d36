import { assertNever } from '../assert-never.js'
import type { DagId, InstanceId, PoolId, ProjectId, QueueId, RunId, SlaBreachId } from '../ids.js'
import type { Json, JsonObject } from '../json.js'
import { nameProblems } from '../name.js'
import { type Decision, invalidUnless, type Rejection, refuse } from '../rejection.js'
import { isSame } from '../same.js'

/** One stream per SLA: what is watched, and every breach of it from its beginning to its end. */
export type SlaEvent =
  | { readonly type: 'SlaCreated'; readonly data: SlaCreated }
  | { readonly type: 'SlaSettingsChanged'; readonly data: SlaSettings }
  | { readonly type: 'SlaBreached'; readonly data: SlaBreached }
  | { readonly type: 'SlaResolved'; readonly data: { readonly breachId: SlaBreachId } }
  | { readonly type: 'SlaDeleted'; readonly data: Record<string, never> }

/** Where an SLA looks; all null: everywhere. A task is one of a DAG, and a DAG's SLA names its project, too. */
export interface SlaScope {
  readonly projectId: ProjectId | null
  readonly dagId: DagId | null
  readonly taskKey: string | null
  readonly queueId: QueueId | null
  readonly poolId: PoolId | null
}

/** Who may see it: a project's id, `capacity` for whoever is signed in, `platform` for administrators. */
export function audienceOf({ projectId, queueId, poolId }: SlaScope): string {
  return projectId ?? (queueId === null && poolId === null ? 'platform' : 'capacity')
}

/** What holds for its subject while it is broken, and what is then done; docs/slas.md has both languages. */
export interface SlaRules {
  readonly conditions: JsonObject
  readonly actions: readonly Json[]
  /** -100..100: of several that break at once, the actions of the higher one come first. */
  readonly priority: number
}

/** The first event of its stream; it begins enabled. */
export type SlaCreated = { readonly name: string } & SlaScope & SlaRules

/** All of them as they stand from now on. */
export type SlaSettings = SlaRules & { readonly isEnabled: boolean }

/** What is broken, and the facts by which it is. */
export interface SlaBreached {
  readonly breachId: SlaBreachId
  /** Of a run, an instance, a queue, a pool or a machine; of a rate: the DAG or project, or `everywhere`. */
  readonly subjectId: string
  readonly runId: RunId | null
  readonly instanceId: InstanceId | null
  readonly facts: JsonObject
}

/** What can be asked of an SLA. Settings that are left out stay. */
export type SlaCommand =
  | ({ readonly type: 'CreateSla' } & SlaCreated)
  | { readonly type: 'UpdateSla'; readonly settings: Partial<SlaSettings> }
  | { readonly type: 'DeleteSla' }
  | ({ readonly type: 'BreachSla' } & SlaBreached)
  | { readonly type: 'ResolveSla'; readonly breachId: SlaBreachId; readonly subjectId: string }

export type SlaState =
  | { readonly status: 'NONE' }
  | {
      readonly status: 'PRESENT'
      readonly settings: SlaSettings
      /** The open breaches by their subjects. */
      readonly open: ReadonlyMap<string, SlaBreachId>
    }
  /** For ever; its name is free again. */
  | { readonly status: 'DELETED' }

export const NO_SLA: SlaState = { status: 'NONE' }

const MAX_PRIORITY = 100

/** A subject breaks an SLA once until that is resolved; one that is disabled or deleted has no open breaches. */
export function decideSla(command: SlaCommand, state: SlaState): Decision<SlaEvent> {
  if (command.type === 'CreateSla') return state.status === 'NONE' ? create(command) : refuse('CONFLICT', EXISTS)
  if (state.status === 'NONE') return refuse('NOT_FOUND', 'The SLA is not there')
  if (state.status === 'DELETED') {
    return command.type === 'UpdateSla' ? refuse('NOT_ALLOWED_IN_STATE', 'The SLA was deleted') : []
  }
  const { settings, open } = state
  switch (command.type) {
    case 'UpdateSla': {
      const changed = { ...settings, ...command.settings }
      const problems = priorityProblems(changed.priority)
      if (problems.length > 0) return { rejections: problems }
      if (isSame(changed, settings)) return []
      const ended = changed.isEnabled ? [] : resolveAll(open)
      return [...ended, { type: 'SlaSettingsChanged', data: changed }]
    }
    case 'DeleteSla':
      return [...resolveAll(open), { type: 'SlaDeleted', data: {} }]
    case 'BreachSla': {
      const { type: _, ...data } = command
      return settings.isEnabled && !open.has(data.subjectId) ? [{ type: 'SlaBreached', data }] : []
    }
    case 'ResolveSla':
      return open.get(command.subjectId) === command.breachId ? [resolved(command.breachId)] : []
    default:
      return assertNever(command)
  }
}

export function evolveSla(state: SlaState, event: SlaEvent): SlaState {
  if (event.type === 'SlaCreated') {
    const { conditions, actions, priority } = event.data
    return { status: 'PRESENT', settings: { conditions, actions, priority, isEnabled: true }, open: new Map() }
  }
  if (state.status !== 'PRESENT') return state
  switch (event.type) {
    case 'SlaSettingsChanged':
      return { ...state, settings: event.data }
    case 'SlaBreached':
      return { ...state, open: new Map(state.open).set(event.data.subjectId, event.data.breachId) }
    case 'SlaResolved':
      return { ...state, open: new Map([...state.open].filter(([, id]) => id !== event.data.breachId)) }
    case 'SlaDeleted':
      return { status: 'DELETED' }
    default:
      return assertNever(event)
  }
}

const EXISTS = 'The SLA exists already'

function resolveAll(open: ReadonlyMap<string, SlaBreachId>): SlaEvent[] {
  return [...open.values()].map(resolved)
}

function resolved(breachId: SlaBreachId): SlaEvent {
  return { type: 'SlaResolved', data: { breachId } }
}

function create({ type: _, ...data }: Extract<SlaCommand, { type: 'CreateSla' }>): Decision<SlaEvent> {
  const problems = [...nameProblems('SLA', data.name), ...priorityProblems(data.priority)]
  return problems.length > 0 ? { rejections: problems } : [{ type: 'SlaCreated', data }]
}

/** What is wrong with a priority, as the API says it. */
export function priorityProblems(priority: number): Rejection[] {
  const isFine = Math.abs(priority) <= MAX_PRIORITY
  return invalidUnless(isFine, 'priority', `SLA priority must be from -${MAX_PRIORITY} to ${MAX_PRIORITY}`, priority)
}
