import { EXIT } from '../exit-code.js'
import { NotFoundFailure } from '../failure.js'
import { printTable } from '../output/table.js'
import { moment } from '../output/time.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const SECRETS = /* GraphQL */ `
  query Secrets($name: String!) {
    project(name: $name) { secrets { name createdAt updatedAt } }
  }
`

interface Secret {
  readonly name: string
  readonly createdAt: string
  readonly updatedAt: string
}

/** `dagbook secret list PROJECT`: the secrets of a project, without their values. */
export const addSecretList: AddCommand = (parent, world, finish) => {
  const columns = [
    { head: 'SECRET', cell: (row: Secret) => row.name },
    { head: 'SINCE', cell: (row: Secret) => moment(row.createdAt) },
    { head: 'SET', cell: (row: Secret) => moment(row.updatedAt) },
  ]
  parent
    .command('list')
    .description('List the secrets of a project; nobody can read their values')
    .argument('<project>', 'its name')
    .option('--json', 'print { secrets: [...] }')
    .action(async (name: string, options: { json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const { data } = await api.query<{ project: { secrets: Secret[] } | null }>(SECRETS, { name })
        if (data.project === null) {
          throw new NotFoundFailure(
            `Project ${name}: does not exist, or you have no role in it`,
            'dagbook project list',
          )
        }
        const { secrets } = data.project
        if (options.json) world.terminal.json({ secrets })
        else printTable(world.terminal, columns, secrets, `No secret. Next: dagbook secret set ${name} NAME`)
      })
      finish(EXIT.OK)
    })
}
