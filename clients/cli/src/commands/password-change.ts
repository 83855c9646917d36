import { EXIT } from '../exit-code.js'
import { UsageFailure } from '../failure.js'
import { change } from '../graphql/change.js'
import { findUser } from '../people/user.js'
import { askHidden, readHidden } from '../session/prompt.js'
import type { Terminal } from '../terminal.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

const CHANGE_PASSWORD = /* GraphQL */ `
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) { user { id username } userErrors { message code path } }
  }
`

interface Payload {
  readonly user: { readonly id: string; readonly username: string }
}

interface Passwords {
  readonly currentPassword?: string
  readonly newPassword: string
}

/** `dagbook password change`: the own password, or another's. */
export const addPasswordChange: AddCommand = (parent, world, finish) => {
  parent
    .command('change')
    .description("Change your password, or with --user another's; the other sessions end")
    .option('--user <username>', 'whose, where you manage users')
    .option(
      '--password-stdin',
      'read the current and the new password from stdin, a line each; with --user the new one',
    )
    .option('--json', 'print { user }')
    .action(async (options: { user?: string; passwordStdin?: boolean; json?: boolean }) => {
      const isOwn = options.user === undefined
      const passwords = options.passwordStdin
        ? fromLines(await readHidden(world.terminal), isOwn)
        : await asked(world.terminal, isOwn, world.signal)
      await withConnection(world, async ({ api }) => {
        const userId = options.user === undefined ? undefined : (await findUser(api, options.user)).id
        const input = { userId, ...passwords }
        const { user } = await change<Payload>(api, CHANGE_PASSWORD, input, 'dagbook password change --help')
        if (options.json) world.terminal.json({ user })
        else world.terminal.print(`Changed the password of ${user.username}`)
      })
      finish(EXIT.OK)
    })
}

function fromLines(text: string, isOwn: boolean): Passwords {
  const lines = text.split(/\r?\n/)
  const [first = '', second = ''] = lines
  if (lines.length !== (isOwn ? 2 : 1))
    throw new UsageFailure(`--password-stdin: needs ${isOwn ? 'two lines' : 'one line'}`)
  return isOwn ? { currentPassword: first, newPassword: second } : { newPassword: first }
}

async function asked(terminal: Terminal, isOwn: boolean, signal: AbortSignal): Promise<Passwords> {
  if (!terminal.stdin.isTTY) throw new UsageFailure('--password-stdin: is needed where no terminal can be asked')
  const current = isOwn ? { currentPassword: await askHidden(terminal, 'Current password: ', signal) } : {}
  const newPassword = await askHidden(terminal, 'New password: ', signal)
  const again = await askHidden(terminal, 'New password again: ', signal)
  if (again !== newPassword) throw new UsageFailure('The new password was typed in two ways')
  return { ...current, newPassword }
}
