import type { PoolId } from '../ids.js'
import { type Decision, refuse } from '../rejection.js'

/** One stream per queue: where ready instances wait. */
export interface QueueEvent {
  readonly type: 'QueueCreated'
  readonly data: QueueSettings
}

export interface QueueSettings {
  readonly name: string
  readonly capacity: number
  readonly priority: number
  readonly poolId: PoolId
}

export interface QueueCommand extends QueueSettings {
  readonly type: 'CreateQueue'
}

export type QueueState = { readonly status: 'NONE' } | { readonly status: 'PRESENT' }

export const NO_QUEUE: QueueState = { status: 'NONE' }

export function decideQueue(command: QueueCommand, state: QueueState): Decision<QueueEvent> {
  if (state.status !== 'NONE') return refuse('CONFLICT', 'The queue exists already')
  const { type: _, ...data } = command
  return [{ type: 'QueueCreated', data }]
}

export function evolveQueue(_state: QueueState, _event: QueueEvent): QueueState {
  return { status: 'PRESENT' }
}
