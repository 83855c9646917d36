import { EXIT } from '../exit-code.js'
import { UsageFailure } from '../failure.js'
import { changeUser } from '../people/change-user.js'
import { USER_FIELDS } from '../people/user.js'
import { type AddCommand, collected, listOrNone, oneOf } from './command.js'

const UPDATE_USER = /* GraphQL */ `
  mutation UpdateUser($input: UpdateUserInput!) {
    updateUser(input: $input) { user { ...UserFields } userErrors { message code path } }
  }
  ${USER_FIELDS}
`

interface Options {
  readonly email?: string
  readonly name?: string
  readonly role?: 'ADMIN' | 'USER'
  readonly permission?: string[]
  /** False: none at all; otherwise it says nothing. */
  readonly permissions: boolean
  readonly activate?: boolean
  readonly deactivate?: boolean
  readonly json?: boolean
}

/** `dagbook user update USERNAME`: changes what a user may do, and who it is. */
export const addUserUpdate: AddCommand = (parent, world, finish) => {
  parent
    .command('update')
    .description('Change what a user may do, and who it is; what is left out stays')
    .argument('<username>', 'whose')
    .option('--email <address>', 'empty takes it away')
    .option('--name <text>', 'empty takes it away')
    .option('--role <role>', 'ADMIN or USER', oneOf('ADMIN', 'USER'))
    .option('--permission <name>', 'these instead of those before (repeated)', collected)
    .option('--no-permissions', 'none any more')
    .option('--activate', 'may sign in')
    .option('--deactivate', 'may not sign in; every session ends')
    .option('--json', 'print { user }')
    .action(async (username: string, options: Options) => {
      const user = await changeUser(world, username, {
        document: UPDATE_USER,
        input: inputOf(options),
      })
      if (options.json) world.terminal.json({ user })
      else world.terminal.print(`Changed user ${user.username}`)
      finish(EXIT.OK)
    })
}

function inputOf(options: Options): Record<string, unknown> {
  const { email, name: fullName, role, activate, deactivate } = options
  if (activate && deactivate) throw new UsageFailure('--activate: cannot go with --deactivate')
  const permissions = listOrNone('permission', options.permission, options.permissions)
  const isActive = activate ? true : deactivate ? false : undefined
  const input = { email, fullName, role, permissions, isActive }
  if (Object.values(input).every((value) => value === undefined)) {
    throw new UsageFailure('user update: needs something to change', 'dagbook user update --help')
  }
  return input
}
