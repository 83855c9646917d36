import { EXIT } from '../exit-code.js'
import { firstNodes, type Page } from '../graphql/pages.js'
import { printTable } from '../output/table.js'
import { moment } from '../output/time.js'
import { userIdOf } from '../people/user.js'
import { withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

const SESSIONS = /* GraphQL */ `
  query Sessions($id: ID!, $first: Int!, $after: String) {
    node(id: $id) {
      ... on User {
        sessions(first: $first, after: $after) {
          nodes { id loginAt logoutAt lastActivityAt expiresAt ipAddress userAgent }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }
`

interface Session {
  readonly id: string
  readonly loginAt: string
  readonly logoutAt: string | null
  readonly lastActivityAt: string
  readonly expiresAt: string
  readonly ipAddress: string | null
  readonly userAgent: string | null
}

/** `dagbook session list`: the own sessions, or another's. */
export const addSessionList: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  const columns = [
    { head: 'SESSION', cell: (row: Session) => row.id },
    { head: 'SINCE', cell: (row: Session) => moment(row.loginAt) },
    { head: 'LAST SEEN', cell: (row: Session) => moment(row.lastActivityAt) },
    { head: 'ENDS', cell: (row: Session) => (row.logoutAt === null ? moment(row.expiresAt) : 'ended') },
    { head: 'FROM', cell: (row: Session) => row.ipAddress },
    { head: 'WITH', cell: (row: Session) => row.userAgent?.slice(0, 60) },
  ]
  parent
    .command('list')
    .description('List your sessions, newest first')
    .option('--user <username>', 'whose, where you manage users')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 20)
    .option('--json', 'print { sessions: [...] }')
    .action(async (options: { user?: string; limit: number; json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const id = await userIdOf(api, options.user)
        const sessions = await firstNodes(options.limit, 100, async (first, after) => {
          const variables = { id, first, after }
          return (await api.query<{ node: { sessions: Page<Session> } }>(SESSIONS, variables)).data.node.sessions
        })
        if (options.json) terminal.json({ sessions })
        else printTable(terminal, columns, sessions, 'No session')
      })
      finish(EXIT.OK)
    })
}
