import { type ApiTokenRow, insertApiToken, revokeApiToken } from '../access/api-tokens.js'
import { eraseAccess } from '../access/erase-access.js'
import { endSessionStatement, endSessionsOfUser } from '../access/sessions.js'
import type { ApiTokenId, SessionId, UserId } from '../domain/ids.js'
import type { UserCommand } from '../domain/user/user.js'
import type { Statement } from '../platform/statement.js'
import type { Addressed } from './command.js'

/** A change of one user, with the rows that go with it. */
export interface UserChange {
  readonly streamId: UserId
  readonly command: Addressed
  readonly beside: readonly Statement[]
}

/** What a user is changed to; null: it stays. An empty address or name is taken away. */
export interface ChangedUser {
  readonly rights: Pick<Extract<UserCommand, { type: 'ChangeUser' }>, 'role' | 'permissions' | 'isActive'>
  readonly email: string | null
  readonly fullName: string | null
}

const CHANGE_PERSON = `
  UPDATE person SET updated_at = $2::timestamptz,
    email = CASE WHEN $3::text IS NULL THEN email ELSE nullif($3::text, '') END,
    full_name = CASE WHEN $4::text IS NULL THEN full_name ELSE nullif($4::text, '') END
  WHERE user_id = $1::text`

/** Fails with the check `last_administrator` when the change leaves none. */
const KEEP_AN_ADMINISTRATOR: Statement = { text: 'SELECT keep_an_administrator()', values: [] }

/** Changes rights and personal data. Who may no longer sign in loses the sessions for good. */
export function changeUser(streamId: UserId, { rights, email, fullName }: ChangedUser, now: Date): UserChange {
  const fields = [email === null ? [] : ['email'], fullName === null ? [] : ['fullName']].flat()
  const takes = rights.isActive === false || rights.role === 'USER'
  const beside = [
    ...(fields.length > 0 ? [{ text: CHANGE_PERSON, values: [streamId, now, email, fullName] }] : []),
    ...(rights.isActive === false ? [endSessionsOfUser(streamId, null, now)] : []),
    ...(takes ? [KEEP_AN_ADMINISTRATOR] : []),
  ]
  return of(streamId, { type: 'ChangeUser', ...rights, fields }, beside)
}

const CHANGE_PASSWORD = `
  UPDATE person SET password_hash = $2::text, updated_at = $3::timestamptz WHERE user_id = $1::text`

/** Replaces the password and ends the user's sessions but one, or all. Tokens stay. */
export function changePassword(
  streamId: UserId,
  { passwordHash, kept }: { readonly passwordHash: string; readonly kept: SessionId | null },
  now: Date,
): UserChange {
  const beside = [
    { text: CHANGE_PASSWORD, values: [streamId, passwordHash, now] },
    endSessionsOfUser(streamId, kept, now),
  ]
  return of(streamId, { type: 'ChangePassword' }, beside)
}

/** Ends a session of the user. */
export function revokeSession(streamId: UserId, sessionId: SessionId, now: Date): UserChange {
  return of(streamId, { type: 'RevokeSession', sessionId }, [endSessionStatement(sessionId, now)])
}

/** Makes a token of the user; `secret` is kept as its hash alone. */
export function createApiToken(
  token: Pick<ApiTokenRow, 'id' | 'userId' | 'name' | 'scopes' | 'createdAt' | 'expiresAt'>,
  secret: string,
): UserChange {
  const { id: apiTokenId, userId, scopes, expiresAt } = token
  const said = { apiTokenId, scopes, expiresAt: expiresAt.toISOString() }
  return of(userId, { type: 'CreateApiToken', token: said }, [insertApiToken(token, secret)])
}

/** Ends a token of the user. */
export function endApiToken(streamId: UserId, apiTokenId: ApiTokenId, now: Date): UserChange {
  return of(streamId, { type: 'RevokeApiToken', apiTokenId }, [revokeApiToken(apiTokenId, now)])
}

/** Takes the person away for ever; the history keeps the id. */
export function eraseUser(streamId: UserId, reason: string, now: Date): UserChange {
  return of(streamId, { type: 'EraseUser', reason }, [...eraseAccess(streamId, now), KEEP_AN_ADMINISTRATOR])
}

function of(streamId: UserId, command: UserCommand, beside: readonly Statement[]): UserChange {
  return { streamId, command: { aggregate: 'user', command }, beside }
}
