import { EXIT } from '../exit-code.js'
import { changeUser } from '../people/change-user.js'
import { USER_FIELDS } from '../people/user.js'
import type { AddCommand } from './command.js'

const ERASE_USER = /* GraphQL */ `
  mutation EraseUser($input: EraseUserInput!) {
    eraseUser(input: $input) { user { ...UserFields } userErrors { message code path } }
  }
  ${USER_FIELDS}
`

/** `dagbook user erase USERNAME`: takes the person away for ever. */
export const addUserErase: AddCommand = (parent, world, finish) => {
  parent
    .command('erase')
    .description('Take a person away for ever: names, address, sessions, tokens. The history keeps an id')
    .argument('<username>', 'whom')
    .requiredOption('--reason <text>', 'why; kept for ever, so without names')
    .option('--json', 'print { user }')
    .action(async (username: string, options: { reason: string; json?: boolean }) => {
      const input = { reason: options.reason }
      const user = await changeUser(world, username, { document: ERASE_USER, input })
      if (options.json) world.terminal.json({ user })
      else world.terminal.print(`Erased ${username}; what is left is ${user.id}`)
      finish(EXIT.OK)
    })
}
