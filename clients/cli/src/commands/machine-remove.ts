import { EXIT } from '../exit-code.js'
import { changeMachine } from '../machines/change-machine.js'
import { MACHINE_FIELDS } from '../machines/machine.js'
import type { AddCommand } from './command.js'

const REMOVE_MACHINE = /* GraphQL */ `
  mutation RemoveMachine($input: RemoveMachineInput!) {
    removeMachine(input: $input) { machine { ...MachineFields } userErrors { message code path } }
  }
  ${MACHINE_FIELDS}
`

/** `dagbook machine remove NAME`: takes a machine away for ever. */
export const addMachineRemove: AddCommand = (parent, world, finish) => {
  parent
    .command('remove')
    .description('Take a machine away for ever, with its private key; it must have nothing running')
    .argument('<machine>', 'its name')
    .option('--json', 'print { machine }')
    .action(async (name: string, options: { json?: boolean }) => {
      const machine = await changeMachine(world, name, { document: REMOVE_MACHINE })
      if (options.json) world.terminal.json({ machine })
      else world.terminal.print(`Removed machine ${name}`)
      finish(EXIT.OK)
    })
}
