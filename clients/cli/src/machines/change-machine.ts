import type { Api } from '../graphql/api.js'
import { refuseUserErrors, type UserError } from '../graphql/failure-of.js'
import { type Connection, type World, withConnection } from '../world.js'
import { findMachine, type Machine } from './machine.js'

interface Payload {
  readonly machine: Machine
  readonly userErrors: readonly UserError[]
}

/** A mutation that takes a machine's id. */
export interface MachineChange {
  readonly field: 'updateMachine' | 'probeMachine' | 'removeMachine'
  readonly document: string
  readonly input?: Record<string, unknown> | ((api: Api) => Promise<Record<string, unknown>>) | undefined
}

/** Sends it for the machine of that name; answers with the machine afterwards. Throws a Failure when it is refused. */
export function changeMachine(world: World, name: string, change: MachineChange): Promise<Machine> {
  return withConnection(world, async ({ api }: Connection) => {
    const { id } = await findMachine(api, name)
    const input = typeof change.input === 'function' ? await change.input(api) : change.input
    const answer = await api.mutate<Record<string, Payload>>(change.document, { ...input, machineId: id })
    const payload = answer[change.field] as Payload
    refuseUserErrors(payload, `dagbook machine show ${name}`, 'dagbook machine list')
    return payload.machine
  })
}
