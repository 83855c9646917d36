import { EXIT } from '../exit-code.js'
import { updateMachine } from '../machines/update-machine.js'
import type { AddCommand } from './command.js'

/** `dagbook machine undrain NAME`: work comes to the machine again. */
export const addMachineUndrain: AddCommand = (parent, world, finish) => {
  parent
    .command('undrain')
    .description('Give a machine work again')
    .argument('<machine>', 'its name')
    .option('--json', 'print { machine }')
    .action(async (name: string, options: { json?: boolean }) => {
      const machine = await updateMachine(world, name, { isDraining: false })
      if (options.json) world.terminal.json({ machine })
      else world.terminal.print(`Machine ${name} takes work again`)
      finish(EXIT.OK)
    })
}
