import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { findQueue, QUEUE_FIELDS, type Queue } from '../queues/queue.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const DELETE_QUEUE = /* GraphQL */ `
  mutation DeleteQueue($input: DeleteQueueInput!) {
    deleteQueue(input: $input) { queue { ...QueueFields } userErrors { message code path } }
  }
  ${QUEUE_FIELDS}
`

/** `dagbook queue delete NAME`: takes a queue away for ever. */
export const addQueueDelete: AddCommand = (parent, world, finish) => {
  parent
    .command('delete')
    .description('Take a queue away for ever; nothing of it may wait or run')
    .argument('<queue>', 'its name')
    .option('--json', 'print { queue }')
    .action(async (name: string, options: { json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const { id: queueId } = await findQueue(api, name)
        const { queue } = await change<{ queue: Queue }>(api, DELETE_QUEUE, { queueId }, `dagbook queue drain ${name}`)
        if (options.json) return world.terminal.json({ queue })
        world.terminal.print(`Deleted queue ${name}`)
      })
      finish(EXIT.OK)
    })
}
