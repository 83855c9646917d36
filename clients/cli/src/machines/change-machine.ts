import type { Api } from '../graphql/api.js'
import { change } from '../graphql/change.js'
import { type Connection, type World, withConnection } from '../world.js'
import { findMachine, type Machine } from './machine.js'

interface Payload {
  readonly machine: Machine
}

/** A mutation that takes a machine's id. */
export interface MachineChange {
  readonly document: string
  readonly input?: Record<string, unknown> | ((api: Api) => Promise<Record<string, unknown>>) | undefined
}

/** Sends it for the machine of that name; answers with the machine afterwards. Throws a Failure when it is refused. */
export function changeMachine(world: World, name: string, { document, input }: MachineChange): Promise<Machine> {
  return withConnection(world, async ({ api }: Connection) => {
    const { id } = await findMachine(api, name)
    const given = { ...(typeof input === 'function' ? await input(api) : input), machineId: id }
    const next = `dagbook machine show ${name}`
    return (await change<Payload>(api, document, given, next, 'dagbook machine list')).machine
  })
}
