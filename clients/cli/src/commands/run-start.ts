import { type DagPath, type DagRef, findDag, findDagVersion, parseDagPath } from '../dags/find-dag.js'
import { runParameters } from '../dags/parameters.js'
import { readSource } from '../dags/read-source.js'
import type { Api } from '../graphql/api.js'
import { change } from '../graphql/change.js'
import { type FinishOptions, finishRun } from '../runs/finish.js'
import { RUN_FIELDS, type Run } from '../runs/run.js'
import { withConnection } from '../world.js'
import { type AddCommand, collected, moment, wholeNumber } from './command.js'

const TRIGGER_RUN = /* GraphQL */ `
  mutation TriggerRun($input: TriggerRunInput!) {
    triggerRun(input: $input) { run { ...RunFields } userErrors { message code path } position }
  }
  ${RUN_FIELDS}
`

interface Payload {
  readonly run: Run | null
  readonly position: string | null
}

interface Options extends FinishOptions {
  param?: string[]
  paramsFile?: string
  dagVersion?: number
  logicalDate?: string
  tag?: string[]
  priority?: number
}

/** `dagbook run start PROJECT/DAG`: starts a run, and with --wait or --watch stays until it has ended. */
export const addRunStart: AddCommand = (parent, world, finish) => {
  parent
    .command('start')
    .description('Start a run of a DAG')
    .argument('<dag>', 'PROJECT/DAG')
    .option('--param <name=value>', 'a parameter; JSON where its schema is no string', collected)
    .option('--params-file <file>', 'parameters as a JSON or YAML object; - for stdin')
    .option('--dag-version <n>', 'this version instead of the latest', wholeNumber(1, 2 ** 31 - 1))
    .option('--logical-date <time>', 'the moment that the run is for', moment)
    .option('--tag <tag>', 'a tag of the run; may be repeated', collected)
    .option('--priority <n>', 'added to the priority of each task', wholeNumber(-100, 100))
    .option('--wait', 'stay until the run has ended; exit code 0 only if it SUCCEEDED')
    .option('--watch', 'the same, with a live tree on a terminal and a line for each change off it')
    .option('--json', 'print { run }; with --watch NDJSON')
    .action(async (text: string, options: Options) => {
      const path = parseDagPath(text)
      const fileText =
        options.paramsFile === undefined ? undefined : await readSource(options.paramsFile, world.terminal)
      await withConnection(world, async (connection) => {
        const input = await inputOf(connection.api, path, options, fileText)
        const triggerRun = await change<Payload>(
          connection.api,
          TRIGGER_RUN,
          input,
          'dagbook run start --help',
          'dagbook dag list',
        )
        finish(await finishRun(world, connection, triggerRun.run as Run, triggerRun.position, options))
      })
    })
}

async function inputOf(
  api: Api,
  path: DagPath,
  options: Options,
  fileText: string | undefined,
): Promise<Record<string, unknown>> {
  const dag: DagRef = await findDag(api, path)
  const { dagVersion: number, logicalDate, priority } = options
  const version = number === undefined ? dag.latestVersion : await findDagVersion(api, path, number)
  return {
    dagId: dag.id,
    parameters: runParameters(options.param ?? [], fileText, version.parametersSchema),
    tags: options.tag ?? [],
    ...(number === undefined ? {} : { version: number }),
    ...(logicalDate === undefined ? {} : { logicalDate }),
    ...(priority === undefined ? {} : { priority }),
  }
}
