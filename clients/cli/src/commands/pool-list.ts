import { EXIT } from '../exit-code.js'
import { firstNodes, type Page } from '../graphql/pages.js'
import { printTable } from '../output/table.js'
import { POOL_FIELDS, type Pool, poolColour } from '../pools/pool.js'
import { withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

const POOLS = /* GraphQL */ `
  query Pools($first: Int!, $after: String) {
    pools(first: $first, after: $after) {
      nodes { ...PoolFields }
      pageInfo { hasNextPage endCursor }
    }
  }
  ${POOL_FIELDS}
`

/** `dagbook pool list`: all pools. */
export const addPoolList: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  parent
    .command('list')
    .description('List the pools')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 100)
    .option('--json', 'print { pools: [...] }')
    .action(async (options: { limit: number; json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const pools = await firstNodes(options.limit, 100, async (first, after) => {
          return (await api.query<{ pools: Page<Pool> }>(POOLS, { first, after })).data.pools
        })
        if (options.json) return terminal.json({ pools })
        const columns = [
          { head: 'NAME', cell: (row: Pool) => row.name },
          {
            head: 'STATUS',
            cell: (row: Pool) => row.status,
            paint: (text: string, row: Pool) => terminal.colour(poolColour(row.status), text),
          },
          { head: 'CPUS', cell: (row: Pool) => `${row.usedCpu}/${row.totalCpu}`, align: 'right' as const },
          {
            head: 'MEMORY MB',
            cell: (row: Pool) => `${Math.round(row.usedMemoryMb)}/${Math.round(row.totalMemoryMb)}`,
            align: 'right' as const,
          },
          { head: 'QUEUES', cell: (row: Pool) => row.queues.length, align: 'right' as const },
          { head: 'MACHINES', cell: (row: Pool) => row.machines.length, align: 'right' as const },
        ]
        printTable(terminal, columns, pools, 'No pool. Next: dagbook pool create NAME')
      })
      finish(EXIT.OK)
    })
}
