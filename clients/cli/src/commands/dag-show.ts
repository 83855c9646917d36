import { dagNotFound, parseDagPath } from '../dags/find-dag.js'
import { EXIT } from '../exit-code.js'
import { printFields, printTable } from '../output/table.js'
import { moment } from '../output/time.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const DAG = /* GraphQL */ `
  query DagShown($project: String!, $name: String!) {
    dag(project: $project, name: $name) {
      id name description isEnabled nextRunAt
      latestVersion { number }
      latestRun { id status }
      tasks { totalCount }
      runs { totalCount }
      versions(first: 20) { nodes { number checksum publishedAt publishedBy { username } } }
    }
  }
`
interface Version {
  readonly number: number
  readonly checksum: string
  readonly publishedAt: string
  readonly publishedBy: { readonly username: string } | null
}

interface Dag {
  readonly description: string | null
  readonly isEnabled: boolean
  readonly nextRunAt: string | null
  readonly latestVersion: { readonly number: number }
  readonly latestRun: { readonly id: string; readonly status: string } | null
  readonly tasks: { readonly totalCount: number }
  readonly runs: { readonly totalCount: number }
  readonly versions: { readonly nodes: readonly Version[] }
}

const COLUMNS = [
  { head: 'VERSION', cell: ({ number }: Version) => number, align: 'right' as const },
  { head: 'PUBLISHED', cell: ({ publishedAt }: Version) => moment(publishedAt) },
  { head: 'BY', cell: ({ publishedBy }: Version) => publishedBy?.username },
  { head: 'CHECKSUM', cell: ({ checksum }: Version) => checksum.slice(0, 12) },
]

/** `dagbook dag show PROJECT/DAG`: what it is, and its last 20 versions. */
export const addDagShow: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  parent
    .command('show')
    .description('Show a DAG and its last 20 versions')
    .argument('<dag>', 'PROJECT/DAG')
    .option('--json', 'print { dag }')
    .action(async (text: string, options: { json?: boolean }) => {
      const path = parseDagPath(text)
      await withConnection(world, async ({ api }) => {
        const { dag } = (await api.query<{ dag: Dag | null }>(DAG, { ...path })).data
        if (dag === null) throw dagNotFound(path)
        if (options.json) return terminal.json({ dag })
        const { latestRun } = dag
        printFields(terminal, 'DAG', text, [
          ['description', dag.description],
          ['enabled', dag.isEnabled ? 'yes' : 'no'],
          ['next run', moment(dag.nextRunAt)],
          ['tasks', String(dag.tasks.totalCount)],
          ['runs', String(dag.runs.totalCount)],
          ['last run', latestRun === null ? null : `${latestRun.id} ${latestRun.status}`],
        ])
        terminal.print('')
        printTable(terminal, COLUMNS, dag.versions.nodes, 'No version')
      })
      finish(EXIT.OK)
    })
}
