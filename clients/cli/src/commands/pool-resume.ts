import { EXIT } from '../exit-code.js'
import { updatePool } from '../pools/pool.js'
import type { AddCommand } from './command.js'

/** `dagbook pool resume NAME`: it starts what waits. */
export const addPoolResume: AddCommand = (parent, world, finish) => {
  parent
    .command('resume')
    .description('Let a paused pool go on')
    .argument('<pool>', 'its name')
    .option('--json', 'print { pool }')
    .action(async (name: string, options: { json?: boolean }) => {
      const pool = await updatePool(world, name, { status: 'ACTIVE' })
      if (options.json) world.terminal.json({ pool })
      else world.terminal.print(`Pool ${name} is active`)
      finish(EXIT.OK)
    })
}
