import { findProject } from '../dags/find-project.js'
import { runParameters } from '../dags/parameters.js'
import { parseMapping } from '../dags/parse-mapping.js'
import { readSource } from '../dags/read-source.js'
import { NotFoundFailure, UsageFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'
import { change } from '../graphql/change.js'
import { type FinishOptions, finishRun } from '../runs/finish.js'
import { RUN_FIELDS, type Run } from '../runs/run.js'
import type { Terminal } from '../terminal.js'
import { withConnection } from '../world.js'
import { type AddCommand, collected, wholeNumber } from './command.js'

const RUN_TASK = /* GraphQL */ `
  mutation RunTask($input: RunTaskInput!) {
    runTask(input: $input) { run { ...RunFields } userErrors { message code path } position }
  }
  ${RUN_FIELDS}
`

const TEMPLATE = /* GraphQL */ `
  query Template($name: String!, $version: Int) {
    template(name: $name, version: $version) { name version parametersSchema }
  }
`

interface Payload {
  readonly run: Run | null
  readonly position: string | null
}

interface Options extends FinishOptions {
  template?: string
  file?: string
  name?: string
  param?: string[]
  paramsFile?: string
  tag?: string[]
  priority?: number
}

/** `dagbook task run PROJECT`: runs a template, or a task of a file, alone. */
export const addTaskRun: AddCommand = (parent, world, finish) => {
  parent
    .command('run')
    .description('Run one task alone: a template, or a task as a DAG file writes it')
    .argument('<project>', 'whose run it is')
    .option('--template <name[@version]>', 'a template, in that version or its latest')
    .option('-f, --file <file>', 'a task, YAML or JSON; - for stdin')
    .option('--name <name>', "the run's name; default the template's name, or task")
    .option('--param <name=value>', 'a parameter; JSON where the schema is no string', collected)
    .option('--params-file <file>', 'parameters as a JSON or YAML object; - for stdin')
    .option('--tag <tag>', 'a tag of the run; may be repeated', collected)
    .option('--priority <n>', "added to the task's priority", wholeNumber(-100, 100))
    .option('--wait', 'stay until the run has ended; exit code 0 only if it SUCCEEDED')
    .option('--watch', 'the same, with a live tree on a terminal and a line for each change off it')
    .option('--json', 'print { run }; with --watch NDJSON')
    .action(async (project: string, options: Options) => {
      const { template, file, paramsFile } = options
      if ((template === undefined) === (file === undefined)) {
        throw new UsageFailure('Task: must be given by either --template or --file', 'dagbook task run --help')
      }
      if (file === '-' && paramsFile === '-') throw new UsageFailure('--file and --params-file: only one can be stdin')
      const task = file === undefined ? undefined : await readTask(file, world.terminal)
      const fileText = paramsFile === undefined ? undefined : await readSource(paramsFile, world.terminal)
      await withConnection(world, async (connection) => {
        const { id: projectId } = await findProject(connection.api, project)
        const what = template === undefined ? { task } : await templateOf(connection.api, template)
        const schema = 'schema' in what ? what.schema : null
        const { tag = [], priority, param = [] } = options
        const input = {
          projectId,
          name: options.name ?? ('template' in what ? what.template : 'task'),
          ...('template' in what ? { template: what.template, templateVersion: what.version } : what),
          parameters: runParameters(param, fileText, schema),
          tags: tag,
          ...(priority === undefined ? {} : { priority }),
        }
        const runTask = await change<Payload>(
          connection.api,
          RUN_TASK,
          input,
          'dagbook task run --help',
          'dagbook template list',
        )
        finish(await finishRun(world, connection, runTask.run as Run, runTask.position, options))
      })
    })
}

async function readTask(file: string, terminal: Terminal): Promise<Record<string, unknown>> {
  return parseMapping(`File ${file}`, await readSource(file, terminal), 'a task, such as { run: echo hello }')
}

async function templateOf(api: Api, text: string) {
  const [, name = text, digits] = /^([^@]+)(?:@([1-9]\d{0,8}))?$/.exec(text) ?? []
  if (text.includes('@') && digits === undefined) {
    throw new UsageFailure(`--template: must be NAME or NAME@VERSION, given ${text}`)
  }
  const wanted = { name, version: digits === undefined ? null : Number(digits) }
  const { data } = await api.query<{
    template: {
      readonly name: string
      readonly version: number
      readonly parametersSchema: Record<string, unknown>
    } | null
  }>(TEMPLATE, wanted)
  if (data.template === null) throw new NotFoundFailure(`Template ${text}: does not exist`, 'dagbook template list')
  // The version that the parameters were read by, also where none was named.
  const { version, parametersSchema } = data.template
  return { template: data.template.name, version, schema: parametersSchema }
}
