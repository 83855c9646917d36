import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { TOKEN_FIELDS, type Token } from '../people/token.js'
import { withConnection } from '../world.js'
import { type AddCommand, collected, moment } from './command.js'

const CREATE_TOKEN = /* GraphQL */ `
  mutation CreateApiToken($input: CreateApiTokenInput!) {
    createApiToken(input: $input) { apiToken { ...TokenFields } secret userErrors { message code path } }
  }
  ${TOKEN_FIELDS}
`

interface Payload {
  readonly apiToken: Token
  readonly secret: string | null
}

interface Options {
  readonly scope: string[]
  readonly expires: string
  readonly json?: boolean
}

/** `dagbook token create NAME`: makes a token for a program; its secret goes to stdout, alone. */
export const addTokenCreate: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  parent
    .command('create')
    .description('Make a token for a program; its secret is printed this once')
    .argument('<name>', 'what you call it')
    .requiredOption('--scope <scope>', 'read, runs, dags, projects or a permission (repeated)', collected)
    .requiredOption('--expires <time>', 'when it ends', moment)
    .option('--json', 'print { apiToken, secret }')
    .action(async (name: string, options: Options) => {
      await withConnection(world, async ({ api }) => {
        const input = { name, scopes: options.scope, expiresAt: options.expires }
        const { apiToken, secret } = await change<Payload>(api, CREATE_TOKEN, input, 'dagbook token create --help')
        if (options.json) return terminal.json({ apiToken, secret })
        if (secret === null) return terminal.note(`Token ${apiToken.id} was made, but its secret got lost: revoke it`)
        terminal.note(`Token ${apiToken.id}. It is shown this once; use it as DAGBOOK_TOKEN.`)
        terminal.print(secret)
      })
      finish(EXIT.OK)
    })
}
