import { findDag } from '../dags/find-dag.js'
import { findProject } from '../dags/find-project.js'
import { EXIT } from '../exit-code.js'
import { UsageFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'
import { firstNodes, type Page } from '../graphql/pages.js'
import { statusColour } from '../output/status-colour.js'
import { printTable } from '../output/table.js'
import { duration, moment } from '../output/time.js'
import { RUN_FIELDS, RUN_STATUSES, type Run } from '../runs/run.js'
import { withConnection } from '../world.js'
import { type AddCommand, oneOf, wholeNumber } from './command.js'

const RUNS = /* GraphQL */ `
  query Runs($filter: RunFilter, $first: Int!, $after: String) {
    runs(filter: $filter, first: $first, after: $after) {
      nodes { ...RunFields }
      pageInfo { hasNextPage endCursor }
    }
  }
  ${RUN_FIELDS}
`

type Status = (typeof RUN_STATUSES)[number]
const status = oneOf<Status>(...RUN_STATUSES)

interface Options {
  project?: string
  dag?: string
  status?: Status[]
  limit: number
  json?: boolean
}

/** `dagbook run list`: runs, newest first. */
export const addRunList: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  const columns = [
    { head: 'RUN', cell: (row: Run) => row.id },
    { head: 'OF', cell: (row: Run) => `${row.project.name}/${row.dag?.name ?? row.name}` },
    {
      head: 'STATUS',
      cell: (row: Run) => row.status,
      paint: (text: string, row: Run) => terminal.colour(statusColour(row.status), text),
    },
    { head: 'ENDED', cell: (row: Run) => `${row.counts.completed}/${row.counts.total}`, align: 'right' as const },
    { head: 'CREATED', cell: (row: Run) => moment(row.createdAt) },
    { head: 'DURATION', cell: (row: Run) => duration(row.durationSeconds), align: 'right' as const },
  ]
  parent
    .command('list')
    .description('List runs, newest first')
    .option('--project <name>', 'only those of this project')
    .option('--dag <name>', 'only those of this DAG of the project')
    .option('--status <status>', 'only those with this status; may be repeated', addStatus)
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 20)
    .option('--json', 'print { runs: [...] }')
    .action(async (options: Options) => {
      await withConnection(world, async ({ api }) => {
        const filter = await filterOf(api, options)
        const runs = await firstNodes(options.limit, 100, async (first, after) => {
          return (await api.query<{ runs: Page<Run> }>(RUNS, { filter, first, after })).data.runs
        })
        if (options.json) terminal.json({ runs })
        else printTable(terminal, columns, runs, 'No run. Next: dagbook run start PROJECT/DAG')
      })
      finish(EXIT.OK)
    })
}

function addStatus(value: string, previous: readonly Status[] = []): Status[] {
  return [...previous, status(value)]
}

async function filterOf(api: Api, { project, dag, status: statuses }: Options): Promise<Record<string, unknown>> {
  const filter = statuses === undefined ? {} : { statuses }
  const [projectName, dagName] = dag?.includes('/') ? dag.split('/', 2) : [project, dag]
  if (projectName === undefined) {
    if (dagName === undefined) return filter
    throw new UsageFailure(`--dag: needs --project, or PROJECT/DAG, given ${dagName}`)
  }
  if (dagName === undefined) return { ...filter, projectId: (await findProject(api, projectName)).id }
  return { ...filter, dagId: (await findDag(api, { project: projectName, name: dagName })).id }
}
