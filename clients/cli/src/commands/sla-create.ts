import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { SLA_FIELDS, type Sla, scopeOf } from '../slas/sla.js'
import { createInput, readSlaFile } from '../slas/sla-file.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const CREATE_SLA = /* GraphQL */ `
  mutation CreateSla($input: CreateSlaInput!) {
    createSla(input: $input) { sla { ...SlaFields } userErrors { message code path } }
  }
  ${SLA_FIELDS}
`

/** `dagbook sla create --file FILE`: makes an SLA, which is watched from then on. */
export const addSlaCreate: AddCommand = (parent, world, finish) => {
  parent
    .command('create')
    .description('Make an SLA from a file: name, project, dag, task, queue or pool, conditions, actions, priority')
    .requiredOption('--file <file>', 'in JSON or YAML; - reads it from stdin')
    .option('--json', 'print { sla }')
    .action(async ({ file, json }: { file: string; json?: boolean }) => {
      const given = await readSlaFile(file, world.terminal)
      await withConnection(world, async ({ api }) => {
        const input = await createInput(api, given)
        const { sla } = await change<{ sla: Sla }>(api, CREATE_SLA, input, 'dagbook sla list')
        if (json) return world.terminal.json({ sla })
        world.terminal.print(`Created SLA ${sla.name}: watches ${scopeOf(sla)}`)
      })
      finish(EXIT.OK)
    })
}
