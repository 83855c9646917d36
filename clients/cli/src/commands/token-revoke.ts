import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { TOKEN_FIELDS, type Token } from '../people/token.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const REVOKE_TOKEN = /* GraphQL */ `
  mutation RevokeApiToken($input: RevokeApiTokenInput!) {
    revokeApiToken(input: $input) { apiToken { ...TokenFields } userErrors { message code path } }
  }
  ${TOKEN_FIELDS}
`

interface Payload {
  readonly apiToken: Token
}

/** `dagbook token revoke ID`: ends a token for good. */
export const addTokenRevoke: AddCommand = (parent, world, finish) => {
  parent
    .command('revoke')
    .description('End a token for good')
    .argument('<token>', 'its id, not its secret')
    .option('--json', 'print { apiToken }')
    .action(async (apiTokenId: string, options: { json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const revokeApiToken = await change<Payload>(api, REVOKE_TOKEN, { apiTokenId }, 'dagbook token list')
        if (options.json) world.terminal.json({ apiToken: revokeApiToken.apiToken })
        else world.terminal.print(`Revoked token ${revokeApiToken.apiToken.name}`)
      })
      finish(EXIT.OK)
    })
}
