import { EXIT } from '../exit-code.js'
import { firstNodes, type Page } from '../graphql/pages.js'
import { MACHINE_FIELDS, type Machine, machineColour } from '../machines/machine.js'
import { printTable } from '../output/table.js'
import { moment } from '../output/time.js'
import { withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

const MACHINES = /* GraphQL */ `
  query Machines($first: Int!, $after: String) {
    machines(first: $first, after: $after) {
      nodes { ...MachineFields }
      pageInfo { hasNextPage endCursor }
    }
  }
  ${MACHINE_FIELDS}
`

/** `dagbook machine list`: all machines. */
export const addMachineList: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  parent
    .command('list')
    .description('List the machines')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 100)
    .option('--json', 'print { machines: [...] }')
    .action(async (options: { limit: number; json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const machines = await firstNodes(options.limit, 100, async (first, after) => {
          return (await api.query<{ machines: Page<Machine> }>(MACHINES, { first, after })).data.machines
        })
        if (options.json) return terminal.json({ machines })
        const columns = [
          { head: 'NAME', cell: (row: Machine) => row.name },
          {
            head: 'STATUS',
            cell: (row: Machine) => (row.isDraining ? `${row.status}, draining` : row.status),
            paint: (text: string, row: Machine) => terminal.colour(machineColour(row.status), text),
          },
          { head: 'HOST', cell: (row: Machine) => (row.port === 0 ? row.host : `${row.host}:${row.port}`) },
          { head: 'POOL', cell: (row: Machine) => row.pool.name },
          { head: 'IN USE', cell: (row: Machine) => `${row.runningCount}/${row.slots}`, align: 'right' as const },
          { head: 'LABELS', cell: (row: Machine) => row.labels.join(' ') || null },
          { head: 'LAST SEEN', cell: (row: Machine) => moment(row.lastSeenAt) },
        ]
        printTable(terminal, columns, machines, 'No machine. Next: dagbook machine add NAME')
      })
      finish(EXIT.OK)
    })
}
