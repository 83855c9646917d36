import type { PoolId } from '../ids.js'
import { type Decision, refuse } from '../rejection.js'

/** One stream per machine. A local machine belongs to the host that registered it. */
export interface MachineEvent {
  readonly type: 'MachineRegistered'
  readonly data: MachineSettings
}

export interface MachineSettings {
  readonly name: string
  readonly kind: 'LOCAL'
  readonly host: string
  /** The host's machine id and its spool's id: nobody else touches that spool. */
  readonly hostIdentity: string
  readonly poolId: PoolId
  readonly slots: number
  readonly cpuCount: number | null
  readonly memoryBytes: number | null
}

export interface MachineCommand extends MachineSettings {
  readonly type: 'RegisterMachine'
}

export type MachineState = { readonly status: 'NONE' } | { readonly status: 'PRESENT' }

export const NO_MACHINE: MachineState = { status: 'NONE' }

export function decideMachine(command: MachineCommand, state: MachineState): Decision<MachineEvent> {
  if (state.status !== 'NONE') return refuse('CONFLICT', 'The machine exists already')
  const { type: _, ...data } = command
  return [{ type: 'MachineRegistered', data }]
}

export function evolveMachine(_state: MachineState, _event: MachineEvent): MachineState {
  return { status: 'PRESENT' }
}
