import { EXIT } from '../exit-code.js'
import { RUN_FIELDS } from '../runs/run.js'
import { steerRun } from '../runs/steer.js'
import type { AddCommand } from './command.js'

const CANCEL_RUN = /* GraphQL */ `
  mutation CancelRun($input: CancelRunInput!) {
    cancelRun(input: $input) { run { ...RunFields } userErrors { message code path } }
  }
  ${RUN_FIELDS}
`

/** `dagbook run cancel RUN`: asks a run to stop. */
export const addRunCancel: AddCommand = (parent, world, finish) => {
  parent
    .command('cancel')
    .description('Cancel a run: what runs is stopped, what waits is not started')
    .argument('<run>', "a run's id, or PROJECT/DAG for its latest run")
    .option('--reason <text>', 'why, for the journal')
    .option('--json', 'print { run }')
    .action(async (text: string, options: { reason?: string; json?: boolean }) => {
      const input = options.reason === undefined ? {} : { reason: options.reason }
      await steerRun(world, text, { document: CANCEL_RUN, input }, options)
      finish(EXIT.OK)
    })
}
