import { changeContexts } from '../config/change-contexts.js'
import { contextPath, readContexts } from '../config/context-file.js'
import { contextName } from '../config/context-name.js'
import { contextViews } from '../config/context-view.js'
import { contextNotFound } from '../config/select-context.js'
import { EXIT } from '../exit-code.js'
import { signOut } from '../session/sign-out.js'
import { type World, withConnection } from '../world.js'
import type { AddCommand } from './command.js'

/** `dagbook context remove NAME`: ends its session and forgets it, even when the server cannot be told. */
export const addContextRemove: AddCommand = (parent, world, finish) => {
  parent
    .command('remove')
    .description('Forget a context and end its session')
    .argument('<context>', 'its name', contextName)
    .option('--json', 'print { context }')
    .action(async (name: string, options: { json?: boolean }) => {
      const path = contextPath(world.env)
      const context = contextViews(await readContexts(path)).find((each) => each.name === name)
      if (context === undefined) throw contextNotFound(name)
      const warning = context.username === null ? undefined : await endSession(world, name)
      await changeContexts(path, (stored) => {
        const { [name]: _forgotten, ...contexts } = stored.contexts
        return { ...stored, current: stored.current === name ? null : stored.current, contexts }
      })
      if (warning !== undefined) world.terminal.note(`The server was not told: ${warning}`)
      if (options.json) world.terminal.json({ context })
      else world.terminal.print(`Removed context ${name}`)
      if (context.isCurrent && !options.json) world.terminal.note('No context is current. Next: dagbook context list')
      finish(EXIT.OK)
    })
}

/** With the context's own token: DAGBOOK_TOKEN may be another person's. */
function endSession(world: World, contextName: string): Promise<string | undefined> {
  const own = { ...world, env: { ...world.env, DAGBOOK_TOKEN: undefined }, contextName }
  return withConnection(own, ({ api }) => signOut(api))
}
