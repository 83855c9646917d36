import { findProject } from '../dags/find-project.js'
import { EXIT } from '../exit-code.js'
import { firstNodes, type Page } from '../graphql/pages.js'
import { statusColour } from '../output/status-colour.js'
import { printTable } from '../output/table.js'
import { moment } from '../output/time.js'
import { withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

const DAGS = /* GraphQL */ `
  query Dags($filter: DagFilter, $first: Int!, $after: String) {
    dags(filter: $filter, first: $first, after: $after) {
      nodes {
        id name description state isEnabled updatedAt
        project { id name }
        latestVersion { number }
        latestRun { id status createdAt }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`

interface Dag {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly state: string
  readonly isEnabled: boolean
  readonly updatedAt: string
  readonly project: { readonly id: string; readonly name: string }
  readonly latestVersion: { readonly number: number }
  readonly latestRun: { readonly id: string; readonly status: string; readonly createdAt: string } | null
}

interface Options {
  project?: string
  search?: string
  limit: number
  json?: boolean
}

/** `dagbook dag list`: the DAGs that the caller may see, with their latest run. */
export const addDagList: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  const columns = [
    { head: 'DAG', cell: (row: Dag) => `${row.project.name}/${row.name}` },
    { head: 'VERSION', cell: (row: Dag) => row.latestVersion.number, align: 'right' as const },
    {
      head: 'LAST RUN',
      cell: (row: Dag) => row.latestRun?.status,
      paint: (text: string, row: Dag) => terminal.colour(statusColour(row.latestRun?.status ?? ''), text),
    },
    { head: 'AT', cell: (row: Dag) => moment(row.latestRun?.createdAt ?? null) },
    { head: 'DESCRIPTION', cell: (row: Dag) => row.description?.split('\n')[0]?.slice(0, 80) },
  ]
  parent
    .command('list')
    .description('List the DAGs that you may see')
    .option('--project <name>', 'only those of this project')
    .option('--search <text>', 'only those with this in their name')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 100)
    .option('--json', 'print { dags: [...] }')
    .action(async (options: Options) => {
      await withConnection(world, async ({ api }) => {
        const projectId = options.project === undefined ? undefined : (await findProject(api, options.project)).id
        const filter = { projectId, search: options.search }
        const dags = await firstNodes(options.limit, 100, async (first, after) => {
          return (await api.query<{ dags: Page<Dag> }>(DAGS, { filter, first, after })).data.dags
        })
        if (options.json) terminal.json({ dags })
        else printTable(terminal, columns, dags, 'No DAG. Next: dagbook dag publish FILE --project NAME')
      })
      finish(EXIT.OK)
    })
}
