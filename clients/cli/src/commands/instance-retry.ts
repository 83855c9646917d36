import { EXIT } from '../exit-code.js'
import { INSTANCE_PAYLOAD, steerInstance } from '../runs/steer-instance.js'
import type { AddCommand } from './command.js'

const RETRY_INSTANCE = /* GraphQL */ `
  mutation RetryInstance($input: RetryInstanceInput!) {
    retryInstance(input: $input) { ...InstancePayloadFields }
  }
  ${INSTANCE_PAYLOAD}
`

/** `dagbook instance retry RUN TASK`: the next attempt of what has failed, now. */
export const addInstanceRetry: AddCommand = (parent, world, finish) => {
  parent
    .command('retry')
    .description(
      'Make the next attempt of a task now that waits for it (RETRY_WAIT); what has ended is done again by run rerun',
    )
    .argument('<run>', "a run's id, or PROJECT/DAG for its latest run")
    .argument('<task>', "the task's key")
    .option('--json', 'print { instance }')
    .action(async (run: string, task: string, options: { json?: boolean }) => {
      await steerInstance(world, { run, task }, { document: RETRY_INSTANCE }, options)
      finish(EXIT.OK)
    })
}
