import { changeContexts } from '../config/change-contexts.js'
import { contextPath } from '../config/context-file.js'
import { contextName } from '../config/context-name.js'
import { contextViews } from '../config/context-view.js'
import { selectContext } from '../config/select-context.js'
import { EXIT } from '../exit-code.js'
import type { AddCommand } from './command.js'

/** `dagbook context use NAME`: from now on commands use this one. */
export const addContextUse: AddCommand = (parent, world, finish) => {
  parent
    .command('use')
    .description('Make a context the current one')
    .argument('<context>', 'its name', contextName)
    .option('--json', 'print { context }')
    .action(async (name: string, options: { json?: boolean }) => {
      const changed = await changeContexts(contextPath(world.env), (stored) => {
        selectContext(stored, name, undefined)
        return { ...stored, current: name }
      })
      const context = contextViews(changed).find((each) => each.name === name)
      if (options.json) world.terminal.json({ context })
      else world.terminal.print(`Context ${name} is the current one: ${context?.server}`)
      finish(EXIT.OK)
    })
}
