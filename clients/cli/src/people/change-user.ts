import { change } from '../graphql/change.js'
import { type Connection, type World, withConnection } from '../world.js'
import { findUser, type User } from './user.js'

interface Payload {
  readonly user: User
}

/** A mutation that takes a user's id. */
export interface UserChange {
  readonly document: string
  readonly input: Record<string, unknown>
}

/** Sends it for the user of that name; answers with the user afterwards. Throws a Failure when it is refused. */
export function changeUser(world: World, username: string, { document, input }: UserChange): Promise<User> {
  return withConnection(world, async ({ api }: Connection) => {
    const { id } = await findUser(api, username)
    const { user } = await change<Payload>(api, document, { ...input, userId: id }, 'dagbook user list')
    return user
  })
}
