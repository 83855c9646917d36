import { EXIT } from '../exit-code.js'
import { RUN_FIELDS } from '../runs/run.js'
import { steerRun } from '../runs/steer.js'
import type { AddCommand } from './command.js'

const PAUSE_RUN = /* GraphQL */ `
  mutation PauseRun($input: PauseRunInput!) {
    pauseRun(input: $input) { run { ...RunFields } userErrors { message code path } }
  }
  ${RUN_FIELDS}
`

/** `dagbook run pause RUN`: holds a run back from starting more. */
export const addRunPause: AddCommand = (parent, world, finish) => {
  parent
    .command('pause')
    .description('Pause a run: what runs goes on, nothing new is started')
    .argument('<run>', "a run's id, or PROJECT/DAG for its latest run")
    .option('--json', 'print { run }')
    .action(async (text: string, options: { json?: boolean }) => {
      await steerRun(world, text, { document: PAUSE_RUN }, options)
      finish(EXIT.OK)
    })
}
