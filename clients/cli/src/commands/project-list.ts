import { EXIT } from '../exit-code.js'
import { firstNodes, type Page } from '../graphql/pages.js'
import { printTable } from '../output/table.js'
import { moment } from '../output/time.js'
import { withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

const PROJECTS = /* GraphQL */ `
  query Projects($first: Int!, $after: String) {
    projects(first: $first, after: $after) {
      nodes { id name description viewerRole createdAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`

interface Project {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly viewerRole: string | null
  readonly createdAt: string
}

/** `dagbook project list`: the projects that the caller may see. */
export const addProjectList: AddCommand = (parent, world, finish) => {
  parent
    .command('list')
    .description('List the projects that you may see')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 100)
    .option('--json', 'print { projects: [...] }')
    .action(async (options: { limit: number; json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const projects = await firstNodes(options.limit, 100, async (first, after) => {
          return (await api.query<{ projects: Page<Project> }>(PROJECTS, { first, after })).data.projects
        })
        if (options.json) return world.terminal.json({ projects })
        const columns = [
          { head: 'NAME', cell: (row: Project) => row.name },
          { head: 'YOUR ROLE', cell: (row: Project) => row.viewerRole },
          { head: 'CREATED', cell: (row: Project) => moment(row.createdAt) },
          { head: 'DESCRIPTION', cell: (row: Project) => row.description },
        ]
        printTable(world.terminal, columns, projects, 'No project. Next: dagbook project create NAME')
      })
      finish(EXIT.OK)
    })
}
