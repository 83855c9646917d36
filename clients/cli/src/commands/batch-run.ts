import { basename, resolve } from 'node:path'
import { findScripts } from '../batches/find-scripts.js'
import { printSummary } from '../batches/print-summary.js'
import { isBad, readScripts } from '../batches/read-scripts.js'
import { writeReport } from '../batches/write-report.js'
import { findProject } from '../dags/find-project.js'
import { parseMapping } from '../dags/parse-mapping.js'
import { readSource } from '../dags/read-source.js'
import { EXIT, type ExitCode } from '../exit-code.js'
import type { Api } from '../graphql/api.js'
import { change } from '../graphql/change.js'
import { findMachine } from '../machines/machine.js'
import { findQueue } from '../queues/queue.js'
import { runToItsEnd } from '../runs/finish.js'
import { RUN_FIELDS, type Run } from '../runs/run.js'
import { type Connection, type World, withConnection } from '../world.js'
import { type AddCommand, oneOf, wholeNumber } from './command.js'

const RUN_BATCH = /* GraphQL */ `
  mutation RunBatch($input: RunBatchInput!) {
    runBatch(input: $input) { run { ...RunFields } userErrors { message code path } position }
  }
  ${RUN_FIELDS}
`

interface Options {
  project: string
  name?: string
  description?: string
  mode?: 'SEQUENTIAL' | 'PARALLEL'
  maxParallel?: number
  stopOnFailure?: boolean
  machine?: string
  queue?: string
  module?: string
  interpreter?: string
  timeout?: number
  verdictRules?: string
  absolute?: boolean
  junit?: string
  detach?: boolean
  json?: boolean
}

const MAX_SECONDS = 10 * 365 * 86_400

/** `dagbook batch run DIR|FILES...`: runs scripts, shows how they get on, and sums up what became of them. */
export const addBatchRun: AddCommand = (parent, world, finish) => {
  parent
    .command('run')
    .description('Run scripts as a batch; exit code 0 only if all SUCCEEDED and none has the verdict FAIL')
    .argument('<files...>', 'scripts on the machine, or folders of this computer that hold the same ones')
    .requiredOption('--project <project>', 'whose run it is')
    .option('--name <name>', "the run's name; default that of the first folder or file")
    .option('--description <text>', 'for a person')
    .option('--mode <mode>', 'SEQUENTIAL or PARALLEL, which is the default', oneOf('SEQUENTIAL', 'PARALLEL'))
    .option('--max-parallel <n>', 'how many at a time', wholeNumber(1, 10_000))
    .option('--stop-on-failure', 'once one has failed, skip what has not been dispatched')
    .option('--machine <name>', 'where they run; default any machine')
    .option('--queue <name>', 'where they wait')
    .option('--module <name>', 'of all of them; default the folder of each')
    .option('--interpreter <program>', 'of all of them; default by extension')
    .option('--timeout <seconds>', 'of each script', wholeNumber(1, MAX_SECONDS))
    .option('--verdict-rules <file>', 'where verdicts are read, as `verdict` of a DAG file; - for stdin')
    .option('--absolute', 'name the scripts by their absolute paths on this computer')
    .option('--junit <file>', 'write a JUnit XML report at the end; - for stdout')
    .option('--detach', 'print the id of the run and leave it alone')
    .option('--json', 'print { run, scripts: [...] } at the end; with --detach { run }')
    .action(async (files: string[], options: Options) => {
      const { verdictRules } = options
      const rules = verdictRules === undefined ? undefined : await readRules(verdictRules, world)
      const paths = await findScripts(files, options.absolute === true)
      await withConnection(world, async (connection) => {
        const input = await inputOf(connection.api, paths, files, options, rules)
        const next = ['dagbook batch run --help', 'dagbook project list'] as const
        const started = await change<{ run: Run; position: string | null }>(connection.api, RUN_BATCH, input, ...next)
        finish(await conclude(world, connection, started.run, started.position, options))
      })
    })
}

async function readRules(file: string, { terminal }: World): Promise<Record<string, unknown>> {
  return parseMapping(`File ${file}`, await readSource(file, terminal), 'rules, such as { junit: results.xml }')
}

async function inputOf(
  api: Api,
  paths: readonly string[],
  files: readonly string[],
  options: Options,
  verdictRules: Record<string, unknown> | undefined,
): Promise<Record<string, unknown>> {
  const { project, name, description, mode = 'PARALLEL', maxParallel, stopOnFailure, machine, queue } = options
  const { module, interpreter, timeout: timeoutSeconds } = options
  return {
    projectId: (await findProject(api, project)).id,
    name: name ?? basename(resolve(files[0] ?? '.')),
    mode,
    ...given({ description, maxParallel, stopOnFailure, verdictRules }),
    ...(machine === undefined ? {} : { machineId: (await findMachine(api, machine)).id }),
    ...(queue === undefined ? {} : { queueId: (await findQueue(api, queue)).id }),
    scripts: paths.map((path) => ({ path, ...given({ module, interpreter, timeoutSeconds }) })),
  }
}

function given(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

async function conclude(
  world: World,
  connection: Connection,
  run: Run,
  position: string | null,
  { detach, json, junit }: Options,
): Promise<ExitCode> {
  const { terminal } = world
  if (detach) {
    if (json) terminal.json({ run })
    else terminal.print(run.id)
    return EXIT.OK
  }
  const ended = await runToItsEnd(world, connection, run, position, { watch: !json && terminal.isInteractive })
  const scripts = await readScripts(connection.api, run.id)
  if (json) terminal.json({ run: ended, scripts })
  else printSummary(terminal, scripts)
  if (junit !== undefined) await writeReport(connection.api, terminal, ended, scripts, junit)
  if (!json && scripts.some(isBad)) terminal.note(`Next: dagbook logs ${run.id} ${scripts.find(isBad)?.taskKey}`)
  return ended.status === 'SUCCEEDED' && !scripts.some(isBad) ? EXIT.OK : EXIT.RUN_NOT_SUCCEEDED
}
