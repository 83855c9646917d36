import { findProject } from '../dags/find-project.js'
import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { typedOrRead } from '../session/prompt.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const SET_SECRET = /* GraphQL */ `
  mutation SetSecret($input: SetSecretInput!) {
    setSecret(input: $input) { secret { name createdAt updatedAt } userErrors { message code path } }
  }
`

interface Payload {
  readonly secret: { readonly name: string; readonly createdAt: string; readonly updatedAt: string }
}

/** `dagbook secret set PROJECT NAME`: gives a secret a value, which no argument holds. */
export const addSecretSet: AddCommand = (parent, world, finish) => {
  parent
    .command('set')
    .description('Give a secret a value: what is typed unseen, or all of stdin without its last line end')
    .argument('<project>', 'its name')
    .argument('<name>', 'of the secret')
    .option('--json', 'print { secret }')
    .action(async (project: string, name: string, options: { json?: boolean }) => {
      const value = await typedOrRead(world.terminal, 'Value: ', world.signal)
      await withConnection(world, async ({ api }) => {
        const { id: projectId } = await findProject(api, project)
        const setSecret = await change<Payload>(
          api,
          SET_SECRET,
          { projectId, name, value },
          `dagbook secret list ${project}`,
        )
        if (options.json) world.terminal.json({ secret: setSecret.secret })
        else world.terminal.print(`Set secret ${name} of ${project}`)
      })
      finish(EXIT.OK)
    })
}
