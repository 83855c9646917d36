import { BACKFILL_FIELDS, type Backfill } from '../backfills/backfill.js'
import { findDag, parseDagPath } from '../dags/find-dag.js'
import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { withConnection } from '../world.js'
import { type AddCommand, moment, oneOf, wholeNumber } from './command.js'

const START = /* GraphQL */ `
  mutation BackfillDag($input: BackfillDagInput!) {
    backfillDag(input: $input) { logicalDates backfill { ...BackfillFields } userErrors { message code path } }
  }
  ${BACKFILL_FIELDS}
`

interface Payload {
  readonly logicalDates: readonly string[]
  readonly backfill: Backfill | null
}

interface Options {
  from: string
  to: string
  reprocess: 'NONE' | 'FAILED' | 'COMPLETED'
  maxActiveRuns: number
  dryRun?: boolean
  json?: boolean
}

/** `dagbook backfill start PROJECT/DAG`: runs for the times of its schedule in a range. */
export const addBackfillStart: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  parent
    .command('start')
    .description('Run a DAG for the times of its schedule in a range, both ends included')
    .argument('<dag>', 'PROJECT/DAG')
    .requiredOption('--from <time>', 'such as 2026-11-01T00:00:00Z', moment)
    .requiredOption('--to <time>', 'such as 2026-11-30T00:00:00Z', moment)
    .option(
      '--reprocess <which>',
      'NONE, FAILED or COMPLETED: of the times that have a run already',
      oneOf<Options['reprocess']>('NONE', 'FAILED', 'COMPLETED'),
      'NONE',
    )
    .option('--max-active-runs <n>', 'so many runs at a time', wholeNumber(1, 1_000), 1)
    .option('--dry-run', 'only print the times')
    .option('--json', 'print { logicalDates, backfill }')
    .action(async (text: string, { from, to, reprocess, maxActiveRuns, dryRun = false, json }: Options) => {
      await withConnection(world, async ({ api }) => {
        const { id: dagId } = await findDag(api, parseDagPath(text))
        const input = { dagId, from, to, reprocess, maxActiveRuns, isDryRun: dryRun }
        const { logicalDates, backfill } = await change<Payload>(api, START, input, `dagbook schedule next ${text}`)
        if (json) terminal.json({ logicalDates, backfill })
        else if (dryRun) for (const date of logicalDates) terminal.print(date)
        else if (backfill === null) terminal.print('Every time of the range has a run already. See --reprocess')
        else terminal.print(`${backfill.id} ${backfill.status}, ${logicalDates.length} runs`)
      })
      finish(EXIT.OK)
    })
}
