import { EXIT } from '../exit-code.js'
import { findMachine, printMachine } from '../machines/machine.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

/** `dagbook machine show NAME`: what is known of a machine. */
export const addMachineShow: AddCommand = (parent, world, finish) => {
  parent
    .command('show')
    .description('Show a machine')
    .argument('<machine>', 'its name')
    .option('--json', 'print { machine }')
    .action(async (name: string, options: { json?: boolean }) => {
      const machine = await withConnection(world, ({ api }) => findMachine(api, name))
      if (options.json) world.terminal.json({ machine })
      else printMachine(world.terminal, machine)
      finish(EXIT.OK)
    })
}
