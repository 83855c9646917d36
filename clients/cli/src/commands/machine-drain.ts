import { EXIT } from '../exit-code.js'
import { updateMachine } from '../machines/update-machine.js'
import type { AddCommand } from './command.js'

/** `dagbook machine drain NAME`: what runs there goes on, nothing new comes. */
export const addMachineDrain: AddCommand = (parent, world, finish) => {
  parent
    .command('drain')
    .description('Give a machine nothing new; what runs there goes on')
    .argument('<machine>', 'its name')
    .option('--json', 'print { machine }')
    .action(async (name: string, options: { json?: boolean }) => {
      const machine = await updateMachine(world, name, { isDraining: true })
      if (options.json) world.terminal.json({ machine })
      else world.terminal.print(`Machine ${name} is draining: ${machine.runningCount} still running`)
      finish(EXIT.OK)
    })
}
