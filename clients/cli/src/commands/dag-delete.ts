import { findDag, parseDagPath } from '../dags/find-dag.js'
import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const DELETE_DAG = /* GraphQL */ `
  mutation DeleteDag($input: DeleteDagInput!) {
    deleteDag(input: $input) { dag { id name state } userErrors { message code path } }
  }
`

interface Payload {
  readonly dag: { readonly id: string; readonly name: string; readonly state: string } | null
}

/** `dagbook dag delete PROJECT/DAG`: no new runs; its history stays. */
export const addDagDelete: AddCommand = (parent, world, finish) => {
  parent
    .command('delete')
    .description('Delete a DAG: no new runs; what runs goes on, its history stays, its name is free again')
    .argument('<dag>', 'PROJECT/DAG')
    .option('--json', 'print { dag }')
    .action(async (text: string, options: { json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const { id: dagId } = await findDag(api, parseDagPath(text))
        const { dag } = await change<Payload>(api, DELETE_DAG, { dagId }, 'dagbook dag list')
        if (options.json) world.terminal.json({ dag })
        else world.terminal.print(`Deleted ${text}`)
      })
      finish(EXIT.OK)
    })
}
