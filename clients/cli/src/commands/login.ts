import { changeContexts } from '../config/change-contexts.js'
import { contextPath, readContexts, type StoredContexts } from '../config/context-file.js'
import { contextName, contextNameFor } from '../config/context-name.js'
import { selectContext } from '../config/select-context.js'
import { DEFAULT_SERVER, serverUrl } from '../config/server-url.js'
import { EXIT } from '../exit-code.js'
import { readPassword, readUsername } from '../session/prompt.js'
import { withTokens } from '../session/session.js'
import { signIn } from '../session/sign-in.js'
import { chosenContext, type World } from '../world.js'
import type { AddCommand } from './command.js'

interface Options {
  server?: string
  username?: string
  passwordStdin?: boolean
  json?: boolean
}

/** `dagbook login`: signs in and stores the tokens in a context, which becomes the current one. */
export const addLogin: AddCommand = (parent, world, finish) => {
  parent
    .command('login')
    .description('Sign in and remember the session')
    .option('--server <url>', `the server (default: DAGBOOK_SERVER, the context's, or ${DEFAULT_SERVER})`)
    .option('--username <name>', 'who signs in; asked for when left out')
    .option('--password-stdin', 'read the password from stdin instead of asking')
    .option('--json', 'print { server, user, expiresAt, context }')
    .action(async (options: Options) => {
      const path = contextPath(world.env)
      const { name: context, server } = target(await readContexts(path), world, options.server)
      const username = options.username ?? (await readUsername(world.terminal, world.signal))
      const password = await readPassword(world.terminal, options.passwordStdin === true, world.signal)
      const { tokens, user } = await signIn(server, username, password)
      await changeContexts(path, (stored) => ({
        ...withTokens(stored, { name: context, server }, tokens),
        current: context,
      }))
      if (options.json) world.terminal.json({ server, user, expiresAt: tokens.expiresAt, context })
      else world.terminal.print(`Signed in at ${server} as ${user.username} (${user.role}), context ${context}`)
      finish(EXIT.OK)
    })
}

/** Which context is signed in to which server; one that is not there yet begins here. */
function target(stored: StoredContexts, world: World, given: string | undefined): { name: string; server: string } {
  const named = chosenContext(world)
  if (named === undefined) {
    const { name, server } = selectContext(stored, undefined, given || world.env.DAGBOOK_SERVER || undefined)
    return { name: name ?? contextNameFor(server, stored.contexts), server }
  }
  const known = Object.hasOwn(stored.contexts, named) ? stored.contexts[named] : undefined
  if (given === undefined && known !== undefined) return { name: named, server: known.server }
  const current = stored.contexts[stored.current ?? '']?.server
  return { name: contextName(named), server: serverUrl(given || world.env.DAGBOOK_SERVER || current || DEFAULT_SERVER) }
}
