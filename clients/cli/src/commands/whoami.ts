import { EXIT } from '../exit-code.js'
import { NotSignedInFailure } from '../failure.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const VIEWER = /* GraphQL */ `
  query Viewer { viewer { id username fullName role permissions } }
`

interface Viewer {
  readonly id: string
  readonly username: string
  readonly fullName: string | null
  readonly role: string
  readonly permissions: readonly string[]
}

/** `dagbook whoami`: who the server takes the caller for. */
export const addWhoami: AddCommand = (parent, world, finish) => {
  parent
    .command('whoami')
    .description('Show who is signed in, and where')
    .option('--json', 'print { server, user, context }')
    .action(async (options: { json?: boolean }) => {
      await withConnection(world, async ({ api, session }) => {
        const { data } = await api.query<{ viewer: Viewer | null }>(VIEWER)
        const { server } = api
        if (data.viewer === null) {
          throw new NotSignedInFailure(`Nobody is signed in at ${server}`, `dagbook login --server ${server}`)
        }
        const { username, role, permissions } = data.viewer
        const more = permissions.length > 0 ? `, ${permissions.join(', ')}` : ''
        if (options.json) world.terminal.json({ server, user: data.viewer, context: session.contextName })
        else world.terminal.print(`${username} (${role}${more}) at ${server}`)
      })
      finish(EXIT.OK)
    })
}
