import { InvalidArgumentError } from 'commander'
import { findProject } from '../dags/find-project.js'
import { printPublished } from '../dags/print-published.js'
import { publishDag } from '../dags/publish.js'
import { readSource } from '../dags/read-source.js'
import { EXIT } from '../exit-code.js'
import { type Imported, importWfFormat } from '../wfformat/import-wf-format.js'
import type { ImportWarning } from '../wfformat/warning.js'
import { type World, withConnection } from '../world.js'
import type { AddCommand, Finish } from './command.js'

interface Options {
  scale: number
  project: string
  name?: string
  dryRun?: boolean
  json?: boolean
}

/** `dagbook import wfformat FILE`: a recorded workflow as a DAG of sleeping tasks, published or only shown. */
export const addImportWfformat: AddCommand = (parent, world, finish) => {
  parent
    .command('wfformat')
    .description('Import a recorded workflow (WfFormat 1.5) as a DAG whose tasks sleep for the recorded times')
    .argument('<file>', 'the workflow, JSON; - for stdin')
    .option('--scale <factor>', 'seconds of sleep for a recorded second; 0: no sleep at all', factor, 0.001)
    .option('--project <name>', 'the project to publish in', 'examples')
    .option('--name <name>', "the DAG's name instead of the workflow's")
    .option('--dry-run', 'publish nothing, print the DAG file (JSON)')
    .option('--json', 'print { definition, warnings }, and once published { dag, version, isNew, problems, warnings }')
    .action(async (file: string, options: Options) => {
      const text = await readSource(file, world.terminal)
      const { scale, name } = options
      const imported = importWfFormat(text, { scale, ...(name === undefined ? {} : { name }) })
      if (options.dryRun) {
        show(world, file, imported, options.json === true)
        return finish(EXIT.OK)
      }
      await publish(world, finish, file, imported, options)
    })
}

function factor(value: string): number {
  if (!/^(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(value)) throw new InvalidArgumentError('It must be a number from 0 on.')
  return Number(value)
}

function show({ terminal }: World, file: string, { definition, warnings }: Imported, asJson: boolean): void {
  if (asJson) {
    terminal.json({ definition, warnings })
    return
  }
  for (const warning of warnings) terminal.note(warningLine(file, warning))
  terminal.print(JSON.stringify(definition, null, 2))
}

async function publish(
  world: World,
  finish: Finish,
  file: string,
  imported: Imported,
  options: Options,
): Promise<void> {
  const { terminal } = world
  const { definition, warnings } = imported
  await withConnection(world, async ({ api }) => {
    const project = await findProject(api, options.project)
    const published = await publishDag(api, project.id, JSON.stringify(definition, null, 2))
    if (options.json) terminal.json({ ...published, warnings })
    else {
      for (const warning of warnings) terminal.note(warningLine(file, warning))
      printPublished(terminal, project.name, `${file} (imported)`, published)
    }
    finish(published.problems.length > 0 ? EXIT.REFUSED : EXIT.OK)
  })
}

function warningLine(file: string, warning: ImportWarning): string {
  return `${file}${warning.line === null ? '' : `:${warning.line}`}: warning: ${warning.message}`
}
