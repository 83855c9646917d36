import { EXIT } from '../exit-code.js'
import { firstNodes, type Page } from '../graphql/pages.js'
import { printTable } from '../output/table.js'
import { SLA_FIELDS, type Sla, scopeOf } from '../slas/sla.js'
import { withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

const SLAS = /* GraphQL */ `
  query Slas($first: Int!, $after: String) {
    slas(first: $first, after: $after) {
      nodes { ...SlaFields }
      pageInfo { hasNextPage endCursor }
    }
  }
  ${SLA_FIELDS}
`

/** `dagbook sla list`: all that the user may see. */
export const addSlaList: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  parent
    .command('list')
    .description('List the SLAs')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 100)
    .option('--json', 'print { slas: [...] }')
    .action(async (options: { limit: number; json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const slas = await firstNodes(options.limit, 100, async (first, after) => {
          return (await api.query<{ slas: Page<Sla> }>(SLAS, { first, after })).data.slas
        })
        if (options.json) return terminal.json({ slas })
        const columns = [
          { head: 'NAME', cell: (row: Sla) => row.name },
          { head: 'WATCHES', cell: scopeOf },
          { head: 'PRIORITY', cell: (row: Sla) => row.priority, align: 'right' as const },
          { head: 'ENABLED', cell: (row: Sla) => (row.isEnabled ? 'yes' : 'no') },
        ]
        printTable(terminal, columns, slas, 'No SLA. Next: dagbook sla create --file FILE')
      })
      finish(EXIT.OK)
    })
}
