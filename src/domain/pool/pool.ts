import { type Decision, refuse } from '../rejection.js'

/** One stream per pool: a budget of cpu and memory over machines and queues. */
export interface PoolEvent {
  readonly type: 'PoolCreated'
  readonly data: PoolSettings
}

export interface PoolSettings {
  readonly name: string
  readonly totalCpu: number
  readonly totalMemoryBytes: number
}

export interface PoolCommand extends PoolSettings {
  readonly type: 'CreatePool'
}

export type PoolState = { readonly status: 'NONE' } | { readonly status: 'PRESENT' }

export const NO_POOL: PoolState = { status: 'NONE' }

export function decidePool(command: PoolCommand, state: PoolState): Decision<PoolEvent> {
  if (state.status !== 'NONE') return refuse('CONFLICT', 'The pool exists already')
  const { type: _, ...data } = command
  return [{ type: 'PoolCreated', data }]
}

export function evolvePool(_state: PoolState, _event: PoolEvent): PoolState {
  return { status: 'PRESENT' }
}
