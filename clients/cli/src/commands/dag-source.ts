import { findDag, parseDagPath } from '../dags/find-dag.js'
import { EXIT } from '../exit-code.js'
import { NotFoundFailure } from '../failure.js'
import { withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

const SOURCE = /* GraphQL */ `
  query DagSource($project: String!, $name: String!, $number: Int!) {
    dag(project: $project, name: $name) { version(number: $number) { number source } }
  }
`

interface Answer {
  readonly dag: { readonly version: { readonly number: number; readonly source: string } | null } | null
}

interface Options {
  readonly dagVersion?: number
  readonly json?: boolean
}

/** `dagbook dag source PROJECT/DAG`: the file that a version was published from, byte for byte. */
export const addDagSource: AddCommand = (parent, world, finish) => {
  parent
    .command('source')
    .description('Print the file that a DAG was published from')
    .argument('<dag>', 'PROJECT/DAG')
    .option('--dag-version <n>', 'of this version instead of the latest', wholeNumber(1, 2 ** 31 - 1))
    .option('--json', 'print { number, source }')
    .action(async (text: string, options: Options) => {
      const path = parseDagPath(text)
      await withConnection(world, async ({ api }) => {
        const number = options.dagVersion ?? (await findDag(api, path)).latestVersion.number
        const version = (await api.query<Answer>(SOURCE, { ...path, number })).data.dag?.version
        if (version == null) throw new NotFoundFailure(`DAG ${text}: has no version ${number}`, 'dagbook dag list')
        if (options.json) world.terminal.json(version)
        else world.terminal.stdout.write(version.source)
      })
      finish(EXIT.OK)
    })
}
