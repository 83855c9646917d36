import { EXIT } from '../exit-code.js'
import { INSTANCE_PAYLOAD, steerInstance } from '../runs/steer-instance.js'
import { type AddCommand, oneOf } from './command.js'

const FORCE_INSTANCE = /* GraphQL */ `
  mutation ForceInstance($input: ForceInstanceInput!) {
    forceInstance(input: $input) { ...InstancePayloadFields }
  }
  ${INSTANCE_PAYLOAD}
`

const END = oneOf('SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELED')

/** `dagbook instance force RUN TASK STATUS --reason TEXT`: decides how a task ended. */
export const addInstanceForce: AddCommand = (parent, world, finish) => {
  parent
    .command('force')
    .description('Decide how a task ended, also one whose machine does not answer: you vouch that nothing of it runs')
    .argument('<run>', "a run's id, or PROJECT/DAG for its latest run")
    .argument('<task>', "the task's key")
    .argument('<status>', 'SUCCEEDED, FAILED, SKIPPED or CANCELED', END)
    .requiredOption('--reason <text>', 'why; everyone who sees the run reads it')
    .option('--json', 'print { instance }')
    .action(async (run: string, task: string, status: string, options: { reason: string; json?: boolean }) => {
      const input = { status, reason: options.reason }
      await steerInstance(world, { run, task }, { document: FORCE_INSTANCE, input }, options)
      finish(EXIT.OK)
    })
}
