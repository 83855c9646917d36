import { EXIT } from '../exit-code.js'
import { updatePool } from '../pools/pool.js'
import type { AddCommand } from './command.js'

/** `dagbook pool pause NAME`: what runs goes on, nothing more starts. */
export const addPoolPause: AddCommand = (parent, world, finish) => {
  parent
    .command('pause')
    .description('Start nothing more of a pool; what runs goes on')
    .argument('<pool>', 'its name')
    .option('--json', 'print { pool }')
    .action(async (name: string, options: { json?: boolean }) => {
      const pool = await updatePool(world, name, { status: 'PAUSED' })
      if (options.json) world.terminal.json({ pool })
      else world.terminal.print(`Pool ${name} is paused: ${pool.usedCpu} cpus still in use`)
      finish(EXIT.OK)
    })
}
