import { EXIT } from '../exit-code.js'
import { findSla, printSla } from '../slas/sla.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

/** `dagbook sla show NAME`: what an SLA watches, and what it does. */
export const addSlaShow: AddCommand = (parent, world, finish) => {
  parent
    .command('show')
    .description('Show an SLA')
    .argument('<sla>', 'its name')
    .option('--json', 'print { sla }')
    .action(async (name: string, options: { json?: boolean }) => {
      const sla = await withConnection(world, ({ api }) => findSla(api, name))
      if (options.json) world.terminal.json({ sla })
      else printSla(world.terminal, sla)
      finish(EXIT.OK)
    })
}
