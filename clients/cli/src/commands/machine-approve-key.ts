import { EXIT } from '../exit-code.js'
import { updateMachine } from '../machines/update-machine.js'
import type { AddCommand } from './command.js'

/** `dagbook machine approve-key NAME FINGERPRINT`: the host's key is the right one. */
export const addMachineApproveKey: AddCommand = (parent, world, finish) => {
  parent
    .command('approve-key')
    .description("Approve a machine's host key; this ends a quarantine, too")
    .argument('<machine>', 'its name')
    .argument('<fingerprint>', 'of the key, SHA256:... as ssh-keygen -l shows it on the host')
    .option('--json', 'print { machine }')
    .action(async (name: string, hostKeyFingerprint: string, options: { json?: boolean }) => {
      const machine = await updateMachine(world, name, { hostKeyFingerprint })
      if (options.json) world.terminal.json({ machine })
      else world.terminal.print(`Machine ${name} is the host with the key ${hostKeyFingerprint}`)
      finish(EXIT.OK)
    })
}
