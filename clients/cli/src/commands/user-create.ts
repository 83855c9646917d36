import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { USER_FIELDS, type User } from '../people/user.js'
import { readPassword } from '../session/prompt.js'
import { withConnection } from '../world.js'
import { type AddCommand, collected } from './command.js'

const CREATE_USER = /* GraphQL */ `
  mutation CreateUser($input: CreateUserInput!) {
    createUser(input: $input) { user { ...UserFields } userErrors { message code path } }
  }
  ${USER_FIELDS}
`

interface Options {
  readonly passwordStdin?: boolean
  readonly email?: string
  readonly name?: string
  readonly admin?: boolean
  readonly permission?: string[]
  readonly json?: boolean
}

interface Payload {
  readonly user: User
}

/** `dagbook user create USERNAME`: makes somebody who can sign in. */
export const addUserCreate: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  parent
    .command('create')
    .description('Make somebody who can sign in; the password is asked for')
    .argument('<username>', 'what one signs in with')
    .option('--password-stdin', 'read the password from stdin')
    .option('--email <address>', 'unique')
    .option('--name <text>', 'for people to read')
    .option('--admin', 'may do everything')
    .option('--permission <name>', 'may manage this besides (repeated)', collected)
    .option('--json', 'print { user }')
    .action(async (username: string, options: Options) => {
      const password = await readPassword(terminal, options.passwordStdin === true, world.signal)
      const { email, name: fullName, permission: permissions } = options
      const input = { username, password, email, fullName, permissions, role: options.admin ? 'ADMIN' : undefined }
      await withConnection(world, async ({ api }) => {
        const createUser = await change<Payload>(api, CREATE_USER, input, 'dagbook user create --help')
        if (options.json) terminal.json({ user: createUser.user })
        else terminal.print(`Created user ${createUser.user.username}`)
      })
      finish(EXIT.OK)
    })
}
