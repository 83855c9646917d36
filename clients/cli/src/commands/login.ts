import { contextPath, readContext, writeContext } from '../config/context-file.js'
import { withFileLock } from '../config/file-lock.js'
import { DEFAULT_SERVER, serverUrl } from '../config/server-url.js'
import { EXIT } from '../exit-code.js'
import { readPassword, readUsername } from '../session/prompt.js'
import { signIn } from '../session/sign-in.js'
import type { AddCommand } from './command.js'

interface Options {
  server?: string
  username?: string
  passwordStdin?: boolean
  json?: boolean
}

/** `dagbook login`: signs in and stores the tokens of that server, which becomes the current one. */
export const addLogin: AddCommand = (parent, world, finish) => {
  parent
    .command('login')
    .description('Sign in and remember the session')
    .option('--server <url>', `the server (default: DAGBOOK_SERVER, the last one, or ${DEFAULT_SERVER})`)
    .option('--username <name>', 'who signs in; asked for when left out')
    .option('--password-stdin', 'read the password from stdin instead of asking')
    .option('--json', 'print { server, user, expiresAt }')
    .action(async (options: Options) => {
      const path = contextPath(world.env)
      const current = (await readContext(path))?.currentServer
      const server = serverUrl(options.server || world.env.DAGBOOK_SERVER || current || DEFAULT_SERVER)
      const username = options.username ?? (await readUsername(world.terminal, world.signal))
      const password = await readPassword(world.terminal, options.passwordStdin === true, world.signal)
      const { tokens, user } = await signIn(server, username, password)
      await withFileLock(`${path}.lock`, async () => {
        const servers = { ...(await readContext(path))?.servers, [server]: tokens }
        await writeContext(path, { version: 1, currentServer: server, servers })
      })
      if (options.json) world.terminal.json({ server, user, expiresAt: tokens.expiresAt })
      else world.terminal.print(`Signed in at ${server} as ${user.username} (${user.role})`)
      finish(EXIT.OK)
    })
}
