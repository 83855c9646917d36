import { NotFoundFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'

/** A user as every command shows it. */
export interface User {
  readonly id: string
  readonly username: string
  readonly email: string | null
  readonly fullName: string | null
  readonly role: 'ADMIN' | 'USER'
  readonly permissions: readonly string[]
  readonly isActive: boolean
  readonly lastLoginAt: string | null
}

export const USER_FIELDS = /* GraphQL */ `
  fragment UserFields on User { id username email fullName role permissions isActive lastLoginAt }
`

const USER = /* GraphQL */ `
  query User($username: String!) {
    user(username: $username) { ...UserFields }
  }
  ${USER_FIELDS}
`

/** The user of that name. Throws NotFoundFailure. */
export async function findUser(api: Api, username: string): Promise<User> {
  const { data } = await api.query<{ user: User | null }>(USER, { username })
  if (data.user === null) throw new NotFoundFailure(`User ${username}: does not exist`, 'dagbook user list')
  return data.user
}

const VIEWER_ID = /* GraphQL */ `
  query ViewerId { viewer { id } }
`

/** The id of the user of that name; undefined: of the caller. Throws NotFoundFailure. */
export async function userIdOf(api: Api, username: string | undefined): Promise<string> {
  if (username !== undefined) return (await findUser(api, username)).id
  const { data } = await api.query<{ viewer: { id: string } | null }>(VIEWER_ID)
  if (data.viewer === null) throw new NotFoundFailure('Nobody is signed in', 'dagbook login')
  return data.viewer.id
}
