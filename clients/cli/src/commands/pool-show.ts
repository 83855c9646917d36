import { EXIT } from '../exit-code.js'
import { findPool, printPool } from '../pools/pool.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

/** `dagbook pool show NAME`: what a pool has, and what of it is in use. */
export const addPoolShow: AddCommand = (parent, world, finish) => {
  parent
    .command('show')
    .description('Show a pool')
    .argument('<pool>', 'its name')
    .option('--json', 'print { pool }')
    .action(async (name: string, options: { json?: boolean }) => {
      const pool = await withConnection(world, ({ api }) => findPool(api, name))
      if (options.json) world.terminal.json({ pool })
      else printPool(world.terminal, pool)
      finish(EXIT.OK)
    })
}
