import { findProject } from '../dags/find-project.js'
import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const DELETE_SECRET = /* GraphQL */ `
  mutation DeleteSecret($input: DeleteSecretInput!) {
    deleteSecret(input: $input) { secret { name } userErrors { message code path } }
  }
`

interface Payload {
  readonly secret: { readonly name: string } | null
}

/** `dagbook secret delete PROJECT NAME`: forgets a secret. */
export const addSecretDelete: AddCommand = (parent, world, finish) => {
  parent
    .command('delete')
    .description('Forget a secret; tasks that ask for it fail from then on')
    .argument('<project>', 'its name')
    .argument('<name>', 'of the secret')
    .option('--json', 'print { secret }')
    .action(async (project: string, name: string, options: { json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const { id: projectId } = await findProject(api, project)
        const deleteSecret = await change<Payload>(
          api,
          DELETE_SECRET,
          { projectId, name },
          `dagbook secret list ${project}`,
        )
        if (options.json) world.terminal.json({ secret: deleteSecret.secret })
        else world.terminal.print(`Deleted secret ${name} of ${project}`)
      })
      finish(EXIT.OK)
    })
}
