import { assertNever } from '../assert-never.js'
import type { PoolId, ProjectId } from '../ids.js'
import { nameProblems } from '../name.js'
import { type Decision, invalidUnless, type Rejection, refuse } from '../rejection.js'
import { isSame } from '../same.js'

/** One stream per queue: where ready instances wait. */
export type QueueEvent =
  | { readonly type: 'QueueCreated'; readonly data: QueueCreated }
  | { readonly type: 'QueueSettingsChanged'; readonly data: QueueSettings }
  | { readonly type: 'QueueDeleted'; readonly data: Record<string, never> }

/** PAUSED: nothing of it is dispatched. DRAINING: no new run may use it; what the runs that there are put in it goes on. */
export type QueueStatus = 'OPEN' | 'PAUSED' | 'DRAINING'

/** The first event of its stream; it begins OPEN, for every project. */
export interface QueueCreated {
  readonly name: string
  readonly capacity: number
  readonly priority: number
  readonly poolId: PoolId
}

/** All of them as they stand from now on. */
export interface QueueSettings {
  readonly status: QueueStatus
  /** Instances that may hold capacity of it at a time. Fewer than do: nothing is stopped, nothing more starts until then. */
  readonly capacity: number
  /** -100..100; a minute of waiting is worth one step. */
  readonly priority: number
  readonly poolId: PoolId
  /** Whose work it takes; empty: every project's. */
  readonly projectIds: readonly ProjectId[]
}

/** What can be asked of a queue. Settings that are left out stay. */
export type QueueCommand =
  | CreateQueue
  | { readonly type: 'UpdateQueue'; readonly settings: Partial<QueueSettings> }
  /** That nothing waits in it, runs from it or is yet to enter it is the caller's to see to. */
  | { readonly type: 'DeleteQueue' }

export interface CreateQueue extends QueueCreated {
  readonly type: 'CreateQueue'
  /** Left out: every project's. */
  readonly projectIds?: readonly ProjectId[]
}

export type QueueState =
  | { readonly status: 'NONE' }
  | { readonly status: 'PRESENT'; readonly name: string; readonly settings: QueueSettings }
  /** For ever; its name is free again. */
  | { readonly status: 'DELETED' }

export const NO_QUEUE: QueueState = { status: 'NONE' }

/** Where tasks wait that name no queue. */
export const DEFAULT_QUEUE = 'default'

const MAX_CAPACITY = 1_000_000
const MAX_PRIORITY = 100
const MAX_PROJECTS = 100

export function decideQueue(command: QueueCommand, state: QueueState): Decision<QueueEvent> {
  if (command.type === 'CreateQueue') {
    return state.status === 'NONE' ? create(command) : refuse('CONFLICT', 'The queue exists already')
  }
  if (state.status === 'NONE') return refuse('NOT_FOUND', 'The queue is not there')
  if (state.status === 'DELETED') {
    return command.type === 'DeleteQueue' ? [] : refuse('NOT_ALLOWED_IN_STATE', 'The queue was deleted')
  }
  switch (command.type) {
    case 'UpdateQueue': {
      const problems = settingsProblems(command.settings)
      if (problems.length > 0) return { rejections: problems }
      const changed = { ...state.settings, ...command.settings }
      return isSame(changed, state.settings) ? [] : [{ type: 'QueueSettingsChanged', data: changed }]
    }
    case 'DeleteQueue':
      if (state.name !== DEFAULT_QUEUE) return [{ type: 'QueueDeleted', data: {} }]
      return refuse('NOT_ALLOWED_IN_STATE', `Queue ${DEFAULT_QUEUE} has to stay: tasks that name no queue wait in it`)
    default:
      return assertNever(command)
  }
}

export function evolveQueue(state: QueueState, event: QueueEvent): QueueState {
  switch (event.type) {
    case 'QueueCreated': {
      const { name, ...settings } = event.data
      return { status: 'PRESENT', name, settings: { status: 'OPEN', ...settings, projectIds: [] } }
    }
    case 'QueueSettingsChanged':
      return state.status === 'PRESENT' ? { ...state, settings: event.data } : state
    case 'QueueDeleted':
      return { status: 'DELETED' }
    default:
      return assertNever(event)
  }
}

function create({ type: _, projectIds = [], ...data }: CreateQueue): Decision<QueueEvent> {
  const { name, capacity, priority, poolId } = data
  const settings: QueueSettings = { status: 'OPEN', capacity, priority, poolId, projectIds }
  const problems = [...nameProblems('Queue', name), ...settingsProblems(settings)]
  if (problems.length > 0) return { rejections: problems }
  const created: QueueEvent = { type: 'QueueCreated', data }
  return projectIds.length === 0 ? [created] : [created, { type: 'QueueSettingsChanged', data: settings }]
}

/** What is wrong with settings, whichever of them are given. */
function settingsProblems(settings: Partial<QueueSettings>): Rejection[] {
  const { capacity = 0, priority = 0, projectIds = [] } = settings
  const count = `Queue projectIds must be at most ${MAX_PROJECTS}, given ${projectIds.length}`
  return [
    ...invalidUnless(
      Number.isInteger(capacity) && capacity >= 0 && capacity <= MAX_CAPACITY,
      'capacity',
      `Queue capacity must be a whole number from 0 to ${MAX_CAPACITY}`,
      capacity,
    ),
    ...invalidUnless(
      Number.isInteger(priority) && Math.abs(priority) <= MAX_PRIORITY,
      'priority',
      `Queue priority must be a whole number from -${MAX_PRIORITY} to ${MAX_PRIORITY}`,
      priority,
    ),
    ...(projectIds.length > MAX_PROJECTS
      ? [{ code: 'TOO_LARGE' as const, message: count, path: ['projectIds'] }]
      : projectIds.flatMap((id, at) =>
          invalidUnless(id.startsWith('project_'), 'projectIds', 'Queue projectIds must be ids of projects', id).map(
            (problem) => ({ ...problem, path: ['projectIds', String(at)] }),
          ),
        )),
  ]
}
