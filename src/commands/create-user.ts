import type { UserId } from '../domain/ids.js'
import type { Permission, Role } from '../domain/user/user.js'
import { newId } from '../platform/ids.js'
import type { Statement } from '../platform/statement.js'
import type { Addressed } from './command.js'

/** A user to be, with the person behind it; the password is hashed already. */
export interface NewUser {
  readonly username: string
  readonly passwordHash: string
  readonly email: string | null
  readonly fullName: string | null
  readonly role: Role
  readonly permissions: readonly Permission[]
}

const INSERT_PERSON = `
  INSERT INTO person (user_id, username, email, full_name, password_hash, updated_at)
  VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, $6::timestamptz)`

/**
 * Makes a user: the event says which fields were set, the person is written beside it. A name or address in use fails on
 * the constraint `person_username` or `person_email`.
 */
export function createUser(user: NewUser, now: Date): { streamId: UserId; command: Addressed; beside: Statement } {
  const { username, email, fullName, passwordHash, role, permissions } = user
  const streamId = newId('user') as string as UserId
  const optional = [email === null ? [] : ['email'], fullName === null ? [] : ['fullName']].flat()
  const fields = ['username', 'password', ...optional]
  return {
    streamId,
    command: { aggregate: 'user', command: { type: 'CreateUser', role, permissions, fields } },
    beside: { text: INSERT_PERSON, values: [streamId, username, email, fullName, passwordHash, now] },
  }
}
