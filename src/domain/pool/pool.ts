import { assertNever } from '../assert-never.js'
import { nameProblems } from '../name.js'
import { type Decision, invalidUnless, type Rejection, refuse } from '../rejection.js'
import { isSame } from '../same.js'

/** One stream per pool: a budget of cpu and memory over machines and queues. */
export type PoolEvent =
  | { readonly type: 'PoolCreated'; readonly data: PoolCreated }
  | { readonly type: 'PoolSettingsChanged'; readonly data: PoolSettings }
  | { readonly type: 'PoolDeleted'; readonly data: Record<string, never> }

/** PAUSED: nothing of it is dispatched. */
export type PoolStatus = 'ACTIVE' | 'PAUSED'

/** The first event of its stream; it begins ACTIVE. */
export interface PoolCreated {
  readonly name: string
  readonly totalCpu: number
  readonly totalMemoryBytes: number
}

/** All of them as they stand from now on. */
export interface PoolSettings {
  readonly status: PoolStatus
  readonly totalCpu: number
  readonly totalMemoryBytes: number
}

/** What can be asked of a pool. Settings that are left out stay. */
export type PoolCommand =
  | ({ readonly type: 'CreatePool' } & PoolCreated)
  | { readonly type: 'UpdatePool'; readonly settings: Partial<PoolSettings> }
  /** That no queue and no machine belongs to it is the caller's to see to. */
  | { readonly type: 'DeletePool' }

export type PoolState =
  | { readonly status: 'NONE' }
  | { readonly status: 'PRESENT'; readonly name: string; readonly settings: PoolSettings }
  /** For ever; its name is free again. */
  | { readonly status: 'DELETED' }

export const NO_POOL: PoolState = { status: 'NONE' }

/** What registerMachine and createQueue use when nobody names a pool. */
export const DEFAULT_POOL = 'default'

const MAX_CPU = 1_000_000
const MAX_MEMORY_BYTES = 1e15

export function decidePool(command: PoolCommand, state: PoolState): Decision<PoolEvent> {
  if (command.type === 'CreatePool') return state.status === 'NONE' ? create(command) : refuse('CONFLICT', EXISTS)
  if (state.status === 'NONE') return refuse('NOT_FOUND', 'The pool is not there')
  if (state.status === 'DELETED') {
    return command.type === 'DeletePool' ? [] : refuse('NOT_ALLOWED_IN_STATE', 'The pool was deleted')
  }
  switch (command.type) {
    case 'UpdatePool': {
      const problems = settingsProblems(command.settings)
      if (problems.length > 0) return { rejections: problems }
      const changed = { ...state.settings, ...command.settings }
      return isSame(changed, state.settings) ? [] : [{ type: 'PoolSettingsChanged', data: changed }]
    }
    case 'DeletePool':
      if (state.name !== DEFAULT_POOL) return [{ type: 'PoolDeleted', data: {} }]
      return refuse(
        'NOT_ALLOWED_IN_STATE',
        `Pool ${DEFAULT_POOL} has to stay: it is the one that is taken unless named`,
      )
    default:
      return assertNever(command)
  }
}

export function evolvePool(state: PoolState, event: PoolEvent): PoolState {
  switch (event.type) {
    case 'PoolCreated': {
      const { name, totalCpu, totalMemoryBytes } = event.data
      return { status: 'PRESENT', name, settings: { status: 'ACTIVE', totalCpu, totalMemoryBytes } }
    }
    case 'PoolSettingsChanged':
      return state.status === 'PRESENT' ? { ...state, settings: event.data } : state
    case 'PoolDeleted':
      return { status: 'DELETED' }
    default:
      return assertNever(event)
  }
}

const EXISTS = 'The pool exists already'

function create({ type: _, ...data }: Extract<PoolCommand, { type: 'CreatePool' }>): Decision<PoolEvent> {
  const problems = [...nameProblems('Pool', data.name), ...settingsProblems(data)]
  return problems.length > 0 ? { rejections: problems } : [{ type: 'PoolCreated', data }]
}

/** What is wrong with settings, whichever of them are given. Paths are the API's. */
function settingsProblems({ totalCpu = 0, totalMemoryBytes = 0 }: Partial<PoolSettings>): Rejection[] {
  return [
    ...invalidUnless(
      totalCpu >= 0 && totalCpu <= MAX_CPU,
      'totalCpu',
      `Pool totalCpu must be from 0 to ${MAX_CPU}`,
      totalCpu,
    ),
    ...invalidUnless(
      totalMemoryBytes >= 0 && totalMemoryBytes <= MAX_MEMORY_BYTES,
      'totalMemoryMb',
      `Pool totalMemoryMb must be from 0 to ${MAX_MEMORY_BYTES / 1e6}`,
      totalMemoryBytes / 1e6,
    ),
  ]
}
