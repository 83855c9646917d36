import { EXIT } from '../exit-code.js'
import { firstNodes, type Page } from '../graphql/pages.js'
import { printTable } from '../output/table.js'
import { moment } from '../output/time.js'
import { TOKEN_FIELDS, type Token } from '../people/token.js'
import { userIdOf } from '../people/user.js'
import { withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

const TOKENS = /* GraphQL */ `
  query ApiTokens($id: ID!, $first: Int!, $after: String) {
    node(id: $id) {
      ... on User {
        apiTokens(first: $first, after: $after) {
          nodes { ...TokenFields }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }
  ${TOKEN_FIELDS}
`

/** `dagbook token list`: the own tokens, or another's. */
export const addTokenList: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  const columns = [
    { head: 'TOKEN', cell: (row: Token) => row.id },
    { head: 'NAME', cell: (row: Token) => row.name },
    { head: 'SCOPES', cell: (row: Token) => row.scopes.join(' ') },
    { head: 'ENDS', cell: (row: Token) => (row.revokedAt === null ? moment(row.expiresAt) : 'revoked') },
    { head: 'LAST USED', cell: (row: Token) => moment(row.lastUsedAt) },
  ]
  parent
    .command('list')
    .description('List your tokens, without their secrets')
    .option('--user <username>', 'whose, where you manage users')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 100)
    .option('--json', 'print { apiTokens: [...] }')
    .action(async (options: { user?: string; limit: number; json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const id = await userIdOf(api, options.user)
        const apiTokens = await firstNodes(options.limit, 100, async (first, after) => {
          const variables = { id, first, after }
          return (await api.query<{ node: { apiTokens: Page<Token> } }>(TOKENS, variables)).data.node.apiTokens
        })
        if (options.json) terminal.json({ apiTokens })
        else
          printTable(
            terminal,
            columns,
            apiTokens,
            'No token. Next: dagbook token create NAME --scope read --expires DATE',
          )
      })
      finish(EXIT.OK)
    })
}
