import { EXIT } from '../exit-code.js'
import { findQueue, printQueue } from '../queues/queue.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

/** `dagbook queue show NAME`: what a queue is, and how full. */
export const addQueueShow: AddCommand = (parent, world, finish) => {
  parent
    .command('show')
    .description('Show a queue')
    .argument('<queue>', 'its name')
    .option('--json', 'print { queue }')
    .action(async (name: string, options: { json?: boolean }) => {
      const queue = await withConnection(world, ({ api }) => findQueue(api, name))
      if (options.json) world.terminal.json({ queue })
      else printQueue(world.terminal, queue)
      finish(EXIT.OK)
    })
}
