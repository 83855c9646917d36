import { EXIT } from '../exit-code.js'
import { RUN_FIELDS } from '../runs/run.js'
import { steerRun } from '../runs/steer.js'
import { type AddCommand, wholeNumber } from './command.js'

const SET_RUN_PRIORITY = /* GraphQL */ `
  mutation SetRunPriority($input: SetRunPriorityInput!) {
    setRunPriority(input: $input) { run { ...RunFields } userErrors { message code path } }
  }
  ${RUN_FIELDS}
`

/** `dagbook run priority RUN N`: lets what waits of a run go earlier, or later. */
export const addRunPriority: AddCommand = (parent, world, finish) => {
  parent
    .command('priority')
    .description('Change the priority of a run: what waits of it goes by the new one')
    .argument('<run>', "a run's id, or PROJECT/DAG for its latest run")
    .argument('<priority>', 'from -100 to 100, added to the priority of each task', wholeNumber(-100, 100))
    .option('--json', 'print { run }')
    .action(async (text: string, priority: number, options: { json?: boolean }) => {
      await steerRun(world, text, { document: SET_RUN_PRIORITY, input: { priority } }, options)
      finish(EXIT.OK)
    })
}
