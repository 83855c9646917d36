import { EXIT } from '../exit-code.js'
import { INSTANCE_PAYLOAD, steerInstance } from '../runs/steer-instance.js'
import type { AddCommand } from './command.js'

const CANCEL_INSTANCE = /* GraphQL */ `
  mutation CancelInstance($input: CancelInstanceInput!) {
    cancelInstance(input: $input) { ...InstancePayloadFields }
  }
  ${INSTANCE_PAYLOAD}
`

/** `dagbook instance cancel RUN TASK`: stops one task of a run. */
export const addInstanceCancel: AddCommand = (parent, world, finish) => {
  parent
    .command('cancel')
    .description('Cancel one task of a run; the others go on as their trigger rules say')
    .argument('<run>', "a run's id, or PROJECT/DAG for its latest run")
    .argument('<task>', "the task's key")
    .option('--reason <text>', 'why, for the journal')
    .option('--json', 'print { instance }')
    .action(async (run: string, task: string, options: { reason?: string; json?: boolean }) => {
      const input = options.reason === undefined ? {} : { reason: options.reason }
      await steerInstance(world, { run, task }, { document: CANCEL_INSTANCE, input }, options)
      finish(EXIT.OK)
    })
}
