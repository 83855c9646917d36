import { contextPath, readContext, writeContext } from '../config/context-file.js'
import { withFileLock } from '../config/file-lock.js'
import { EXIT } from '../exit-code.js'
import { Failure, NotSignedInFailure } from '../failure.js'
import { type Connection, type World, withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const SIGN_OUT = /* GraphQL */ `
  mutation SignOut($input: SignOutInput!) {
    signOut(input: $input) { session { id } userErrors { message code path } }
  }
`

/** `dagbook logout`: ends the session at the server and forgets its tokens here, even when the server cannot be told. */
export const addLogout: AddCommand = (parent, world, finish) => {
  parent
    .command('logout')
    .description('End the session and forget its tokens')
    .option('--json', 'print { server, signedOut }')
    .action(async (options: { json?: boolean }) => {
      await withConnection(world, async (connection) => {
        const { server } = connection.session
        const warning = await endSession(connection)
        const signedOut = await forget(world, server)
        if (warning !== undefined && signedOut) world.terminal.note(`The server was not told: ${warning}`)
        if (options.json) world.terminal.json({ server, signedOut })
        else world.terminal.print(signedOut ? `Signed out at ${server}` : `Nobody was signed in at ${server}`)
      })
      finish(EXIT.OK)
    })
}

async function endSession({ api }: Connection): Promise<string | undefined> {
  try {
    await api.mutateOnce(SIGN_OUT, {})
    return undefined
  } catch (error) {
    if (error instanceof NotSignedInFailure) return undefined
    if (error instanceof Failure) return error.message
    throw error
  }
}

async function forget(world: World, server: string): Promise<boolean> {
  const path = contextPath(world.env)
  return withFileLock(`${path}.lock`, async () => {
    const context = await readContext(path)
    if (context?.servers[server] === undefined) return false
    const { [server]: _forgotten, ...servers } = context.servers
    await writeContext(path, { ...context, servers })
    return true
  })
}
