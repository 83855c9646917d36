import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { POOL_FIELDS, type Pool } from '../pools/pool.js'
import { withConnection } from '../world.js'
import { type AddCommand, amount } from './command.js'

const CREATE_POOL = /* GraphQL */ `
  mutation CreatePool($input: CreatePoolInput!) {
    createPool(input: $input) { pool { ...PoolFields } userErrors { message code path } }
  }
  ${POOL_FIELDS}
`

interface Options {
  readonly cpu: number
  readonly memoryMb: number
  readonly json?: boolean
}

/** `dagbook pool create NAME`: makes a pool, active from the start. */
export const addPoolCreate: AddCommand = (parent, world, finish) => {
  parent
    .command('create')
    .description('Make a pool: a budget of cpu and memory over queues and machines')
    .argument('<name>', 'its name')
    .requiredOption('--cpu <n>', 'cpus that its tasks may ask for at a time', amount)
    .requiredOption('--memory-mb <n>', 'MB of memory that they may ask for at a time', amount)
    .option('--json', 'print { pool }')
    .action(async (name: string, { cpu: totalCpu, memoryMb: totalMemoryMb, json }: Options) => {
      await withConnection(world, async ({ api }) => {
        const input = { name, totalCpu, totalMemoryMb }
        const { pool } = await change<{ pool: Pool }>(api, CREATE_POOL, input, 'dagbook pool list')
        if (json) return world.terminal.json({ pool })
        world.terminal.print(`Created pool ${pool.name}`)
      })
      finish(EXIT.OK)
    })
}
