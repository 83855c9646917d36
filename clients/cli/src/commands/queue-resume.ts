import { EXIT } from '../exit-code.js'
import { updateQueue } from '../queues/queue.js'
import type { AddCommand } from './command.js'

/** `dagbook queue resume NAME`: it takes new runs and starts what waits. */
export const addQueueResume: AddCommand = (parent, world, finish) => {
  parent
    .command('resume')
    .description('Open a queue that was paused or drained')
    .argument('<queue>', 'its name')
    .option('--json', 'print { queue }')
    .action(async (name: string, options: { json?: boolean }) => {
      const queue = await updateQueue(world, name, { status: 'OPEN' })
      if (options.json) world.terminal.json({ queue })
      else world.terminal.print(`Queue ${name} is open`)
      finish(EXIT.OK)
    })
}
