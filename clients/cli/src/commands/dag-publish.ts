import { findProject } from '../dags/find-project.js'
import { printPublished } from '../dags/print-published.js'
import { publishDag } from '../dags/publish.js'
import { readSource } from '../dags/read-source.js'
import { EXIT } from '../exit-code.js'
import { withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

interface Options {
  project: string
  expectedVersion?: number
  json?: boolean
}

/** `dagbook dag publish FILE`: makes the next version of a DAG, or reports what is wrong with the file. */
export const addDagPublish: AddCommand = (parent, world, finish) => {
  parent
    .command('publish')
    .description('Publish a DAG file as the next version; exit code 3 when it has problems')
    .argument('<file>', 'the DAG file, YAML or JSON; - for stdin')
    .requiredOption('--project <name>', 'the project that owns it')
    .option('--expected-version <n>', 'only if this is the latest version now', wholeNumber(0, 2 ** 31 - 1))
    .option('--json', 'print { dag, version, isNew, problems }')
    .action(async (file: string, options: Options) => {
      const { terminal } = world
      const source = await readSource(file, terminal)
      await withConnection(world, async ({ api }) => {
        const project = await findProject(api, options.project)
        const published = await publishDag(api, project.id, source, options.expectedVersion)
        if (options.json) terminal.json(published)
        else printPublished(terminal, project.name, file, published)
        finish(published.problems.length > 0 ? EXIT.REFUSED : EXIT.OK)
      })
    })
}
