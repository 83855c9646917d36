import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { findSla, SLA_FIELDS, type Sla } from '../slas/sla.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const DELETE_SLA = /* GraphQL */ `
  mutation DeleteSla($input: DeleteSlaInput!) {
    deleteSla(input: $input) { sla { ...SlaFields } userErrors { message code path } }
  }
  ${SLA_FIELDS}
`

/** `dagbook sla delete NAME`: takes an SLA away for ever. */
export const addSlaDelete: AddCommand = (parent, world, finish) => {
  parent
    .command('delete')
    .description('Take an SLA away for ever; its open breaches are resolved')
    .argument('<sla>', 'its name')
    .option('--json', 'print { sla }')
    .action(async (name: string, options: { json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const { id: slaId } = await findSla(api, name)
        const { sla } = await change<{ sla: Sla }>(api, DELETE_SLA, { slaId }, `dagbook sla show ${name}`)
        if (options.json) return world.terminal.json({ sla })
        world.terminal.print(`Deleted SLA ${name}`)
      })
      finish(EXIT.OK)
    })
}
