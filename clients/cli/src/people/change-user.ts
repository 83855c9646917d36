import { refuseUserErrors, type UserError } from '../graphql/failure-of.js'
import { type Connection, type World, withConnection } from '../world.js'
import { findUser, type User } from './user.js'

interface Payload {
  readonly user: User
  readonly userErrors: readonly UserError[]
}

/** A mutation that takes a user's id. */
export interface UserChange {
  readonly field: 'updateUser' | 'eraseUser'
  readonly document: string
  readonly input: Record<string, unknown>
}

/** Sends it for the user of that name; answers with the user afterwards. Throws a Failure when it is refused. */
export function changeUser(world: World, username: string, change: UserChange): Promise<User> {
  return withConnection(world, async ({ api }: Connection) => {
    const { id } = await findUser(api, username)
    const answer = await api.mutate<Record<string, Payload>>(change.document, { ...change.input, userId: id })
    const payload = answer[change.field] as Payload
    refuseUserErrors(payload, 'dagbook user list')
    return payload.user
  })
}
