import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const REVOKE_SESSION = /* GraphQL */ `
  mutation RevokeSession($input: RevokeSessionInput!) {
    revokeSession(input: $input) { session { id logoutAt } userErrors { message code path } }
  }
`

interface Payload {
  readonly session: { readonly id: string; readonly logoutAt: string }
}

/** `dagbook session revoke ID`: ends a session. */
export const addSessionRevoke: AddCommand = (parent, world, finish) => {
  parent
    .command('revoke')
    .description('End a session, and what is open with it, within 2 s')
    .argument('<session>', 'its id')
    .option('--json', 'print { session }')
    .action(async (sessionId: string, options: { json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const revokeSession = await change<Payload>(api, REVOKE_SESSION, { sessionId }, 'dagbook session list')
        if (options.json) world.terminal.json({ session: revokeSession.session })
        else world.terminal.print(`Ended session ${sessionId}`)
      })
      finish(EXIT.OK)
    })
}
