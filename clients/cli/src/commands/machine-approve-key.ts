import { EXIT } from '../exit-code.js'
import { changeMachine } from '../machines/change-machine.js'
import { MACHINE_FIELDS } from '../machines/machine.js'
import type { AddCommand } from './command.js'

const UPDATE_MACHINE = /* GraphQL */ `
  mutation UpdateMachine($input: UpdateMachineInput!) {
    updateMachine(input: $input) { machine { ...MachineFields } userErrors { message code path } }
  }
  ${MACHINE_FIELDS}
`

/** `dagbook machine approve-key NAME FINGERPRINT`: the host's key is the right one. */
export const addMachineApproveKey: AddCommand = (parent, world, finish) => {
  parent
    .command('approve-key')
    .description("Approve a machine's host key; this ends a quarantine, too")
    .argument('<machine>', 'its name')
    .argument('<fingerprint>', 'of the key, SHA256:... as ssh-keygen -l shows it on the host')
    .option('--json', 'print { machine }')
    .action(async (name: string, hostKeyFingerprint: string, options: { json?: boolean }) => {
      const change = { field: 'updateMachine', document: UPDATE_MACHINE, input: { hostKeyFingerprint } } as const
      const machine = await changeMachine(world, name, change)
      if (options.json) world.terminal.json({ machine })
      else world.terminal.print(`Machine ${name} is the host with the key ${hostKeyFingerprint}`)
      finish(EXIT.OK)
    })
}
