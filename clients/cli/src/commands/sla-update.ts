import { EXIT } from '../exit-code.js'
import { UsageFailure } from '../failure.js'
import { updateSla } from '../slas/sla.js'
import { readSlaFile } from '../slas/sla-file.js'
import type { AddCommand } from './command.js'

/** `dagbook sla update NAME --file FILE`: changes conditions, actions and priority, as far as the file has them. */
export const addSlaUpdate: AddCommand = (parent, world, finish) => {
  parent
    .command('update')
    .description('Change conditions, actions or priority of an SLA, whichever the file has')
    .argument('<sla>', 'its name')
    .requiredOption('--file <file>', 'in JSON or YAML; - reads it from stdin')
    .option('--json', 'print { sla }')
    .action(async (name: string, { file, json }: { file: string; json?: boolean }) => {
      const { conditions, actions, priority, ...rest } = await readSlaFile(file, world.terminal)
      if (rest.name !== undefined && rest.name !== name) {
        throw new UsageFailure(`File ${file}: is of SLA ${String(rest.name)}, given ${name}: names do not change`)
      }
      const given = Object.entries({ conditions, actions, priority }).filter(([, value]) => value !== undefined)
      if (given.length === 0) throw new UsageFailure(`File ${file}: must have conditions, actions or priority`)
      const sla = await updateSla(world, name, Object.fromEntries(given))
      if (json) world.terminal.json({ sla })
      else world.terminal.print(`Updated SLA ${name}`)
      finish(EXIT.OK)
    })
}
