import { findProject } from '../dags/find-project.js'
import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { findUser } from '../people/user.js'
import { withConnection } from '../world.js'
import { type AddCommand, oneOf } from './command.js'

const GRANT_ROLE = /* GraphQL */ `
  mutation GrantProjectRole($input: GrantProjectRoleInput!) {
    grantProjectRole(input: $input) { project { id name } userErrors { message code path } }
  }
`
const REVOKE_ROLE = /* GraphQL */ `
  mutation RevokeProjectRole($input: RevokeProjectRoleInput!) {
    revokeProjectRole(input: $input) { project { id name } userErrors { message code path } }
  }
`

interface Payload {
  readonly project: { readonly id: string; readonly name: string } | null
}

/** `dagbook project member grant|revoke`: who may do what in a project. */
export const addProjectMember: AddCommand = (parent, world, finish) => {
  const group = parent.command('member').description('Who may do what in a project')
  group
    .command('grant')
    .description('Give a user a role, instead of the one before')
    .argument('<project>', 'its name')
    .argument('<username>', 'who')
    .argument('<role>', 'VIEWER, OPERATOR, EDITOR or OWNER', oneOf('VIEWER', 'OPERATOR', 'EDITOR', 'OWNER'))
    .option('--json', 'print { project }')
    .action(async (name: string, username: string, role: string, options: { json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const [{ id: projectId }, { id: userId }] = [await findProject(api, name), await findUser(api, username)]
        const input = { projectId, userId, role }
        const { project } = await change<Payload>(api, GRANT_ROLE, input, 'dagbook project list')
        if (options.json) world.terminal.json({ project })
        else world.terminal.print(`${username} is ${role} in ${name}`)
      })
      finish(EXIT.OK)
    })
  group
    .command('revoke')
    .description('Take a user out of a project')
    .argument('<project>', 'its name')
    .argument('<username>', 'who')
    .option('--json', 'print { project }')
    .action(async (name: string, username: string, options: { json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const [{ id: projectId }, { id: userId }] = [await findProject(api, name), await findUser(api, username)]
        const input = { projectId, userId }
        const { project } = await change<Payload>(api, REVOKE_ROLE, input, 'dagbook project list')
        if (options.json) world.terminal.json({ project })
        else world.terminal.print(`${username} is no member of ${name} any more`)
      })
      finish(EXIT.OK)
    })
}
