import { EXIT } from '../exit-code.js'
import { firstNodes, type Page } from '../graphql/pages.js'
import { printTable } from '../output/table.js'
import { QUEUE_FIELDS, type Queue, queueColour } from '../queues/queue.js'
import { withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

const QUEUES = /* GraphQL */ `
  query Queues($first: Int!, $after: String) {
    queues(first: $first, after: $after) {
      nodes { ...QueueFields }
      pageInfo { hasNextPage endCursor }
    }
  }
  ${QUEUE_FIELDS}
`

/** `dagbook queue list`: all queues. */
export const addQueueList: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  parent
    .command('list')
    .description('List the queues')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 100)
    .option('--json', 'print { queues: [...] }')
    .action(async (options: { limit: number; json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const queues = await firstNodes(options.limit, 100, async (first, after) => {
          return (await api.query<{ queues: Page<Queue> }>(QUEUES, { first, after })).data.queues
        })
        if (options.json) return terminal.json({ queues })
        const columns = [
          { head: 'NAME', cell: (row: Queue) => row.name },
          {
            head: 'STATUS',
            cell: (row: Queue) => row.status,
            paint: (text: string, row: Queue) => terminal.colour(queueColour(row.status), text),
          },
          { head: 'IN USE', cell: (row: Queue) => `${row.currentLoad}/${row.capacity}`, align: 'right' as const },
          { head: 'WAITING', cell: (row: Queue) => row.depth, align: 'right' as const },
          { head: 'PRIORITY', cell: (row: Queue) => row.priority, align: 'right' as const },
          { head: 'POOL', cell: (row: Queue) => row.pool.name },
          { head: 'PROJECTS', cell: (row: Queue) => row.projects.map(({ name }) => name).join(' ') || 'all' },
        ]
        printTable(terminal, columns, queues, 'No queue. Next: dagbook queue create NAME')
      })
      finish(EXIT.OK)
    })
}
