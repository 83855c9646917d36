import { contextPath, readContexts, writeContexts } from '../config/context-file.js'
import { withFileLock } from '../config/file-lock.js'
import { EXIT } from '../exit-code.js'
import { type Session, withTokens } from '../session/session.js'
import { signOut } from '../session/sign-out.js'
import { type World, withConnection } from '../world.js'
import type { AddCommand } from './command.js'

/** `dagbook logout`: ends the session at the server and forgets its tokens here, even when the server cannot be told. */
export const addLogout: AddCommand = (parent, world, finish) => {
  parent
    .command('logout')
    .description('End the session and forget its tokens')
    .option('--json', 'print { server, signedOut, context }')
    .action(async (options: { json?: boolean }) => {
      await withConnection(world, async ({ api, session }) => {
        const { server, contextName: context } = session
        const warning = await signOut(api)
        const signedOut = await forget(world, session)
        if (warning !== undefined && signedOut) world.terminal.note(`The server was not told: ${warning}`)
        if (options.json) world.terminal.json({ server, signedOut, context })
        else world.terminal.print(signedOut ? `Signed out at ${server}` : `Nobody was signed in at ${server}`)
      })
      finish(EXIT.OK)
    })
}

async function forget(world: World, { contextName, server }: Session): Promise<boolean> {
  const path = contextPath(world.env)
  return withFileLock(`${path}.lock`, async () => {
    const all = await readContexts(path)
    const context = contextName === null ? undefined : all.contexts[contextName]
    if (contextName === null || context?.server !== server || context.tokens === null) return false
    await writeContexts(path, withTokens(all, { name: contextName, server }, null))
    return true
  })
}
