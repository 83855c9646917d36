import { EXIT } from '../exit-code.js'
import { updateSla } from '../slas/sla.js'
import type { AddCommand } from './command.js'

/** `dagbook sla enable NAME`. */
export const addSlaEnable: AddCommand = (parent, world, finish) => {
  parent
    .command('enable')
    .description('Watch an SLA (again)')
    .argument('<sla>', 'its name')
    .option('--json', 'print { sla }')
    .action(async (name: string, options: { json?: boolean }) => {
      const sla = await updateSla(world, name, { isEnabled: true })
      if (options.json) world.terminal.json({ sla })
      else world.terminal.print(`Enabled SLA ${name}`)
      finish(EXIT.OK)
    })
}
