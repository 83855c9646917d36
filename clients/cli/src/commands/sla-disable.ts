import { EXIT } from '../exit-code.js'
import { updateSla } from '../slas/sla.js'
import type { AddCommand } from './command.js'

/** `dagbook sla disable NAME`. */
export const addSlaDisable: AddCommand = (parent, world, finish) => {
  parent
    .command('disable')
    .description('Watch an SLA no longer; its open breaches are resolved')
    .argument('<sla>', 'its name')
    .option('--json', 'print { sla }')
    .action(async (name: string, options: { json?: boolean }) => {
      const sla = await updateSla(world, name, { isEnabled: false })
      if (options.json) world.terminal.json({ sla })
      else world.terminal.print(`Disabled SLA ${name}`)
      finish(EXIT.OK)
    })
}
