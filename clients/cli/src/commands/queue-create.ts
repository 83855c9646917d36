import { projectIds } from '../dags/find-project.js'
import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { findPool } from '../pools/pool.js'
import { QUEUE_FIELDS, type Queue } from '../queues/queue.js'
import { withConnection } from '../world.js'
import { type AddCommand, collected, wholeNumber } from './command.js'

const CREATE_QUEUE = /* GraphQL */ `
  mutation CreateQueue($input: CreateQueueInput!) {
    createQueue(input: $input) { queue { ...QueueFields } userErrors { message code path } }
  }
  ${QUEUE_FIELDS}
`

interface Options {
  readonly capacity: number
  readonly priority?: number
  readonly pool?: string
  readonly project?: string[]
  readonly json?: boolean
}

/** `dagbook queue create NAME`: makes a queue, open from the start. */
export const addQueueCreate: AddCommand = (parent, world, finish) => {
  parent
    .command('create')
    .description('Make a queue')
    .argument('<name>', 'its name, for DAG files')
    .requiredOption('--capacity <n>', 'instances that may run from it at a time', wholeNumber(0, 1_000_000))
    .option('--priority <n>', 'before other queues, a step is worth a minute; default 0', wholeNumber(-100, 100))
    .option('--pool <name>', 'whose cpu and memory it takes, default: default')
    .option('--project <name>', 'takes the work of this project only (repeated)', collected)
    .option('--json', 'print { queue }')
    .action(async (name: string, { capacity, priority, pool, project = [], json }: Options) => {
      await withConnection(world, async ({ api }) => {
        const poolId = pool === undefined ? undefined : (await findPool(api, pool)).id
        const input = { name, capacity, priority, poolId, projectIds: await projectIds(api, project) }
        const { queue } = await change<{ queue: Queue }>(api, CREATE_QUEUE, input, 'dagbook queue list')
        if (json) return world.terminal.json({ queue })
        world.terminal.print(`Created queue ${queue.name}`)
      })
      finish(EXIT.OK)
    })
}
