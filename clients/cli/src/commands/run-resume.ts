import { EXIT } from '../exit-code.js'
import { RUN_FIELDS } from '../runs/run.js'
import { steerRun } from '../runs/steer.js'
import type { AddCommand } from './command.js'

const RESUME_RUN = /* GraphQL */ `
  mutation ResumeRun($input: ResumeRunInput!) {
    resumeRun(input: $input) { run { ...RunFields } userErrors { message code path } }
  }
  ${RUN_FIELDS}
`

/** `dagbook run resume RUN`: lets a paused run go on. */
export const addRunResume: AddCommand = (parent, world, finish) => {
  parent
    .command('resume')
    .description('Let a paused run go on')
    .argument('<run>', "a run's id, or PROJECT/DAG for its latest run")
    .option('--json', 'print { run }')
    .action(async (text: string, options: { json?: boolean }) => {
      await steerRun(world, text, { document: RESUME_RUN }, options)
      finish(EXIT.OK)
    })
}
