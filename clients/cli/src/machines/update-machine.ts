import type { World } from '../world.js'
import { changeMachine, type MachineChange } from './change-machine.js'
import { MACHINE_FIELDS, type Machine } from './machine.js'

const UPDATE_MACHINE = /* GraphQL */ `
  mutation UpdateMachine($input: UpdateMachineInput!) {
    updateMachine(input: $input) { machine { ...MachineFields } userErrors { message code path } }
  }
  ${MACHINE_FIELDS}
`

/** Changes what is given of the machine of that name, and nothing else of it. */
export function updateMachine(world: World, name: string, input: MachineChange['input']): Promise<Machine> {
  return changeMachine(world, name, { document: UPDATE_MACHINE, input })
}
