import { EXIT } from '../exit-code.js'
import { updateQueue } from '../queues/queue.js'
import type { AddCommand } from './command.js'

/** `dagbook queue pause NAME`: what runs goes on, nothing more starts. */
export const addQueuePause: AddCommand = (parent, world, finish) => {
  parent
    .command('pause')
    .description('Start nothing more from a queue; what runs goes on')
    .argument('<queue>', 'its name')
    .option('--json', 'print { queue }')
    .action(async (name: string, options: { json?: boolean }) => {
      const queue = await updateQueue(world, name, { status: 'PAUSED' })
      if (options.json) world.terminal.json({ queue })
      else world.terminal.print(`Queue ${name} is paused: ${queue.depth} waiting, ${queue.currentLoad} still running`)
      finish(EXIT.OK)
    })
}
