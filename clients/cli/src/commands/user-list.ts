import { EXIT } from '../exit-code.js'
import { firstNodes, type Page } from '../graphql/pages.js'
import { printTable } from '../output/table.js'
import { moment } from '../output/time.js'
import { USER_FIELDS, type User } from '../people/user.js'
import { withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

const USERS = /* GraphQL */ `
  query Users($first: Int!, $after: String) {
    users(first: $first, after: $after) {
      nodes { ...UserFields }
      pageInfo { hasNextPage endCursor }
    }
  }
  ${USER_FIELDS}
`

/** `dagbook user list`: everybody. */
export const addUserList: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  const columns = [
    { head: 'USER', cell: (row: User) => row.username },
    { head: 'ROLE', cell: (row: User) => (row.isActive ? row.role : `${row.role} (inactive)`) },
    { head: 'PERMISSIONS', cell: (row: User) => row.permissions.join(' ') || null },
    { head: 'NAME', cell: (row: User) => row.fullName },
    { head: 'E-MAIL', cell: (row: User) => row.email },
    { head: 'LAST LOGIN', cell: (row: User) => moment(row.lastLoginAt) },
  ]
  parent
    .command('list')
    .description('List all users')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 100)
    .option('--json', 'print { users: [...] }')
    .action(async (options: { limit: number; json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const users = await firstNodes(options.limit, 100, async (first, after) => {
          return (await api.query<{ users: Page<User> }>(USERS, { first, after })).data.users
        })
        if (options.json) terminal.json({ users })
        else printTable(terminal, columns, users, 'No user')
      })
      finish(EXIT.OK)
    })
}
