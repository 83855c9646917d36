import { EXIT } from '../exit-code.js'
import { updateQueue } from '../queues/queue.js'
import type { AddCommand } from './command.js'

/** `dagbook queue drain NAME`: no new run may use it, those that there are end. */
export const addQueueDrain: AddCommand = (parent, world, finish) => {
  parent
    .command('drain')
    .description('Let no new run use a queue; the runs that there are end')
    .argument('<queue>', 'its name')
    .option('--json', 'print { queue }')
    .action(async (name: string, options: { json?: boolean }) => {
      const queue = await updateQueue(world, name, { status: 'DRAINING' })
      if (options.json) world.terminal.json({ queue })
      else world.terminal.print(`Queue ${name} is draining: ${queue.depth} waiting, ${queue.currentLoad} still running`)
      finish(EXIT.OK)
    })
}
