import { EXIT } from '../exit-code.js'
import { NotFoundFailure } from '../failure.js'
import { printTable } from '../output/table.js'
import { findSla } from '../slas/sla.js'
import { withConnection } from '../world.js'
import { type AddCommand, moment } from './command.js'

interface Backtest {
  readonly subjectCount: number
  readonly breachCount: number
  readonly isCutOff: boolean
  readonly breaches: readonly Breach[]
}

interface Breach {
  /** Null: the rate did. */
  readonly run: { readonly id: string; readonly name: string; readonly status: string } | null
  readonly instance: { readonly id: string; readonly taskKey: string } | null
  readonly breachedAt: string
  readonly facts: Readonly<Record<string, unknown>>
}

const BACKTEST = /* GraphQL */ `
  query SlaBacktest($slaId: ID!, $from: DateTime!, $to: DateTime!) {
    slaBacktest(slaId: $slaId, from: $from, to: $to) {
      subjectCount breachCount isCutOff
      breaches { run { id name status } instance { id taskKey } breachedAt facts }
    }
  }
`

interface Options {
  readonly from: string
  readonly to?: string
  readonly json?: boolean
}

/** `dagbook sla backtest NAME --from T`: what of the past would have broken it. */
export const addSlaBacktest: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  parent
    .command('backtest')
    .description('Say what would have broken an SLA over runs, tasks or rates in the past, and when')
    .argument('<sla>', 'its name')
    .requiredOption('--from <time>', 'runs that were asked for, or for a rate that ended, from then on', moment)
    .option('--to <time>', 'and before then; default now', moment)
    .option('--json', 'print { backtest }')
    .action(async (name: string, { from, to = new Date().toISOString(), json }: Options) => {
      const backtest = await withConnection(world, async ({ api }) => {
        const { id: slaId } = await findSla(api, name)
        const variables = { slaId, from, to }
        return (await api.query<{ slaBacktest: Backtest | null }>(BACKTEST, variables)).data.slaBacktest
      })
      if (backtest === null) throw new NotFoundFailure(`SLA ${name}: does not exist any more`, 'dagbook sla list')
      if (json) terminal.json({ backtest })
      else {
        const columns = [
          { head: 'RUN', cell: ({ run }: Breach) => run?.id ?? '' },
          { head: 'NAME', cell: ({ run }: Breach) => run?.name ?? '' },
          { head: 'TASK', cell: ({ instance }: Breach) => instance?.taskKey ?? '' },
          { head: 'STATUS', cell: ({ run }: Breach) => run?.status ?? '' },
          { head: 'BROKEN AT', cell: (row: Breach) => row.breachedAt },
        ]
        printTable(terminal, columns, backtest.breaches, 'Nothing would have broken it.')
        const more = backtest.isCutOff ? ', the newest of more' : ''
        terminal.print(`${backtest.breachCount} breaches, looked at ${backtest.subjectCount}${more}`)
      }
      finish(EXIT.OK)
    })
}
