import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { findPool, POOL_FIELDS, type Pool } from '../pools/pool.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const DELETE_POOL = /* GraphQL */ `
  mutation DeletePool($input: DeletePoolInput!) {
    deletePool(input: $input) { pool { ...PoolFields } userErrors { message code path } }
  }
  ${POOL_FIELDS}
`

/** `dagbook pool delete NAME`: takes a pool away for ever. */
export const addPoolDelete: AddCommand = (parent, world, finish) => {
  parent
    .command('delete')
    .description('Take a pool away for ever; no queue and no machine may belong to it')
    .argument('<pool>', 'its name')
    .option('--json', 'print { pool }')
    .action(async (name: string, options: { json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const { id: poolId } = await findPool(api, name)
        const { pool } = await change<{ pool: Pool }>(api, DELETE_POOL, { poolId }, `dagbook pool show ${name}`)
        if (options.json) return world.terminal.json({ pool })
        world.terminal.print(`Deleted pool ${name}`)
      })
      finish(EXIT.OK)
    })
}
