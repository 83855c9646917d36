import { contextPath, readContexts } from '../config/context-file.js'
import { contextName } from '../config/context-name.js'
import { selectContext } from '../config/select-context.js'
import { EXIT } from '../exit-code.js'
import { chosenContext } from '../world.js'
import type { AddCommand } from './command.js'

/** `dagbook context show`: which server commands speak to, as whom. */
export const addContextShow: AddCommand = (parent, world, finish) => {
  parent
    .command('show')
    .description('Show a context; without a name the one that commands use here')
    .argument('[context]', 'its name', contextName)
    .option('--json', 'print { context }')
    .action(async (given: string | undefined, options: { json?: boolean }) => {
      const { terminal, env } = world
      const stored = await readContexts(contextPath(env))
      const { name, server, tokens } = selectContext(
        stored,
        given ?? chosenContext(world),
        env.DAGBOOK_SERVER || undefined,
      )
      const username = tokens?.username ?? null
      const isCurrent = name !== undefined && name === stored.current
      if (options.json) terminal.json({ context: { name: name ?? null, server, username, isCurrent } })
      else {
        terminal.print(`context     ${name ?? '-'}${isCurrent ? ' (current)' : ''}`)
        terminal.print(`server      ${server}`)
        terminal.print(`user        ${username ?? '-'}`)
      }
      finish(EXIT.OK)
    })
}
