import { BACKFILL_FIELDS, type Backfill, type BackfillRun } from '../backfills/backfill.js'
import { EXIT } from '../exit-code.js'
import { NotFoundFailure } from '../failure.js'
import { statusColour } from '../output/status-colour.js'
import { printTable } from '../output/table.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const SHOW = /* GraphQL */ `
  query Backfill($id: ID!) { node(id: $id) { ...BackfillFields } }
  ${BACKFILL_FIELDS}
`

/** `dagbook backfill show BACKFILL`: how it is doing, and its first 100 runs. */
export const addBackfillShow: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  const columns = [
    { head: 'TIME', cell: (row: BackfillRun) => row.logicalDate },
    {
      head: 'STATUS',
      cell: (row: BackfillRun) => row.status,
      paint: (text: string, row: BackfillRun) => terminal.colour(statusColour(row.status), text),
    },
    { head: 'RUN', cell: (row: BackfillRun) => row.id },
  ]
  parent
    .command('show')
    .description('Show a backfill and its runs')
    .argument('<backfill>', "a backfill's id")
    .option('--json', 'print { backfill }')
    .action(async (id: string, options: { json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const { node } = (await api.query<{ node: Partial<Backfill> | null }>(SHOW, { id })).data
        if (node?.runs === undefined) throw new NotFoundFailure(`Backfill ${id}: does not exist, or you may not see it`)
        const backfill = node as Backfill
        if (options.json) return terminal.json({ backfill })
        const { dag, status, from, to, runs } = backfill
        terminal.print(`${id} ${status} of ${dag.project.name}/${dag.name}, ${from} to ${to}, ${runs.totalCount} runs`)
        printTable(terminal, columns, runs.nodes, 'No run')
      })
      finish(EXIT.OK)
    })
}
