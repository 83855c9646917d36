import { contextPath, readContexts } from '../config/context-file.js'
import { type ContextView, contextViews } from '../config/context-view.js'
import { EXIT } from '../exit-code.js'
import { printTable } from '../output/table.js'
import type { AddCommand } from './command.js'

/** `dagbook context list`: the servers and identities that this computer knows. */
export const addContextList: AddCommand = (parent, world, finish) => {
  const columns = [
    { head: 'CONTEXT', cell: (row: ContextView) => row.name },
    { head: 'CURRENT', cell: (row: ContextView) => (row.isCurrent ? 'yes' : null) },
    { head: 'SERVER', cell: (row: ContextView) => row.server },
    { head: 'USER', cell: (row: ContextView) => row.username },
  ]
  parent
    .command('list')
    .description('List the contexts')
    .option('--json', 'print { contexts: [...] }')
    .action(async (options: { json?: boolean }) => {
      const contexts = contextViews(await readContexts(contextPath(world.env)))
      if (options.json) world.terminal.json({ contexts })
      else printTable(world.terminal, columns, contexts, 'No context. Next: dagbook login --context NAME --server URL')
      finish(EXIT.OK)
    })
}
