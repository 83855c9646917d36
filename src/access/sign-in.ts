import type { SessionId, UserId } from '../domain/ids.js'
import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import { newId } from '../platform/ids.js'
import { recordAccess } from './access-log.js'
import type { AccessTokens } from './access-token.js'
import type { Passwords } from './passwords.js'
import { insertSession, issueRefreshToken, type Session } from './sessions.js'
import { forgiveAttempt, takeAttempt } from './sign-in-delay.js'

/** What signing in works with. */
export interface AccessDependencies {
  readonly database: Database
  readonly clock: Clock
  readonly passwords: Passwords
  readonly tokens: AccessTokens
}

/** Where a request comes from. */
export interface Caller {
  readonly ip: string | null
  readonly userAgent: string | null
}

/** A session with the tokens that speak for it. */
export interface SignedIn {
  readonly status: 'SIGNED_IN'
  readonly accessToken: string
  /** Of the access token. */
  readonly expiresAt: Date
  readonly refreshToken: string
  readonly session: Session
}

/** `REFUSED` says as much of an unknown user as of a wrong password. */
export type SignInResult =
  | SignedIn
  | { readonly status: 'REFUSED' }
  | { readonly status: 'WAIT'; readonly waitMs: number }

const FIND = `
  SELECT p.user_id AS "userId", p.password_hash AS "passwordHash", u.is_active AS "isActive"
  FROM person p JOIN app_user u ON u.id = p.user_id WHERE lower(p.username) = lower($1::text)`

interface Found {
  readonly userId: UserId
  readonly passwordHash: string
  readonly isActive: boolean
}

/**
 * Begins a session for who knows the password. Who fails often has to wait longer each time, whatever the username; an
 * unknown user, a wrong password and one who is not active are refused alike, in the same time.
 */
export async function signIn(
  dependencies: AccessDependencies,
  credentials: { readonly username: string; readonly password: string },
  caller: Caller,
): Promise<SignInResult> {
  const { database, clock, passwords } = dependencies
  const { username, password } = credentials
  const [found] = await database.query<Found>(FIND, [username])
  const attempt = { username, ip: caller.ip }
  let waitMs = 0
  const passwordHash = found?.isActive === true ? found.passwordHash : null
  const isRight = await passwords.verify(passwordHash, password, async () => {
    waitMs = await takeAttempt(database, attempt, clock.now())
    return waitMs === 0
  })
  const entry = { action: 'signIn', userId: found?.userId ?? null, username, ...caller }
  if (!isRight || found === undefined) {
    const outcome = waitMs > 0 ? 'DENIED' : 'FAILED'
    await recordAccess(database, { ...entry, outcome }, clock.now())
    return waitMs > 0 ? { status: 'WAIT', waitMs } : { status: 'REFUSED' }
  }
  await forgiveAttempt(database, attempt)
  const signedIn = await beginSession(dependencies, found.userId, caller)
  await recordAccess(database, { ...entry, outcome: 'SUCCESS' }, clock.now())
  return signedIn
}

const LAST_LOGIN = 'UPDATE person SET last_login_at = $2::timestamptz WHERE user_id = $1::text'

async function beginSession(
  { database, clock, tokens }: AccessDependencies,
  userId: UserId,
  caller: Caller,
): Promise<SignedIn> {
  const now = clock.now()
  const id = newId('session') as string as SessionId
  return database.transaction(async (tx) => {
    const session = await insertSession(tx, { id, userId, ipAddress: caller.ip, userAgent: caller.userAgent }, now)
    const refreshToken = await issueRefreshToken(tx, id, now)
    await tx.query(LAST_LOGIN, [userId, now])
    const { token: accessToken, expiresAt } = tokens.issue(userId, id)
    return { status: 'SIGNED_IN', accessToken, expiresAt, refreshToken, session }
  })
}
