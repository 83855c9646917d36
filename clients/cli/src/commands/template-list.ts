import { EXIT } from '../exit-code.js'
import { firstNodes, type Page } from '../graphql/pages.js'
import { printTable } from '../output/table.js'
import { moment } from '../output/time.js'
import { withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

const TEMPLATES = /* GraphQL */ `
  query Templates($first: Int!, $after: String) {
    templates(first: $first, after: $after) {
      nodes { id name version engine taskType description createdAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`

interface Template {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly engine: string
  readonly taskType: string | null
  readonly description: string | null
  readonly createdAt: string
}

/** `dagbook template list`: every template in its latest version. */
export const addTemplateList: AddCommand = (parent, world, finish) => {
  parent
    .command('list')
    .description('List the templates in their latest versions')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 100)
    .option('--json', 'print { templates: [...] }')
    .action(async (options: { limit: number; json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const templates = await firstNodes(options.limit, 100, async (first, after) => {
          return (await api.query<{ templates: Page<Template> }>(TEMPLATES, { first, after })).data.templates
        })
        if (options.json) return world.terminal.json({ templates })
        const columns = [
          { head: 'TEMPLATE', cell: (row: Template) => `${row.name}@${row.version}` },
          { head: 'ENGINE', cell: (row: Template) => row.engine },
          { head: 'PUBLISHED', cell: (row: Template) => moment(row.createdAt) },
          { head: 'DESCRIPTION', cell: (row: Template) => row.description?.split('\n')[0]?.slice(0, 80) },
        ]
        printTable(world.terminal, columns, templates, 'No template. Next: dagbook template publish FILE')
      })
      finish(EXIT.OK)
    })
}
