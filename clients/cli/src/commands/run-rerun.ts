import { change } from '../graphql/change.js'
import { type FinishOptions, finishRun } from '../runs/finish.js'
import { resolveRun } from '../runs/resolve-run.js'
import { RERUN_SCOPES, RUN_FIELDS, type Run } from '../runs/run.js'
import { withConnection } from '../world.js'
import { type AddCommand, collected, oneOf, wholeNumber } from './command.js'

const RERUN = /* GraphQL */ `
  mutation Rerun($input: RerunInput!) {
    rerun(input: $input) { run { ...RunFields } userErrors { message code path } position }
  }
  ${RUN_FIELDS}
`

interface Payload {
  readonly run: Run | null
  readonly position: string | null
}

interface Options extends FinishOptions {
  scope: string
  task?: string[]
  dagVersion?: number
}

const scope = oneOf(...RERUN_SCOPES)

/** `dagbook run rerun RUN`: a new run of what an ended one did, all of it or a part. */
export const addRunRerun: AddCommand = (parent, world, finish) => {
  parent
    .command('rerun')
    .description('Start a new run from an ended one')
    .argument('<run>', "a run's id, or PROJECT/DAG for its latest run")
    .requiredOption('--scope <scope>', 'ALL, FAILED, TASKS or TASKS_AND_DOWNSTREAM', scope)
    .option('--task <key>', 'a task, for the last two; may be repeated', collected)
    .option('--dag-version <n>', "this version instead of the old run's", wholeNumber(1, 2 ** 31 - 1))
    .option('--wait', 'stay until the new run has ended; exit code 0 only if it SUCCEEDED')
    .option('--watch', 'the same, with a live tree on a terminal and a line for each change off it')
    .option('--json', 'print { run }; with --watch NDJSON')
    .action(async (text: string, options: Options) => {
      await withConnection(world, async (connection) => {
        const runId = await resolveRun(connection.api, text)
        const input = {
          runId,
          scope: options.scope,
          ...(options.task === undefined ? {} : { taskKeys: options.task }),
          ...(options.dagVersion === undefined ? {} : { version: options.dagVersion }),
        }
        const rerun = await change<Payload>(
          connection.api,
          RERUN,
          input,
          `dagbook run show ${runId}`,
          'dagbook run list',
        )
        finish(await finishRun(world, connection, rerun.run as Run, rerun.position, options))
      })
    })
}
