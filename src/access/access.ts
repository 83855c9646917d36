import { createHmac, type KeyObject } from 'node:crypto'
import type { SessionId } from '../domain/ids.js'
import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import type { SecretKey } from '../platform/secret-key.js'
import { type AccessEntry, recordAccess } from './access-log.js'
import { type AccessClaims, AccessTokens } from './access-token.js'
import { Passwords } from './passwords.js'
import { readViewers } from './read-viewers.js'
import { type RefreshResult, refreshSession } from './refresh-session.js'
import { endSession, type Session } from './sessions.js'
import { type AccessDependencies, type Caller, type SignInResult, signIn } from './sign-in.js'
import type { Viewer } from './viewer.js'

/** Signing in, and knowing who asks. One a process, for the hashing of passwords takes turns in it. */
export class Access {
  readonly #dependencies: AccessDependencies
  readonly #fingerprintKey: KeyObject

  constructor(options: { readonly database: Database; readonly clock: Clock; readonly secretKey: SecretKey }) {
    const { database, clock, secretKey } = options
    const tokens = new AccessTokens(secretKey.deriveKey('access-token'), clock)
    this.#dependencies = { database, clock, tokens, passwords: new Passwords() }
    this.#fingerprintKey = secretKey.deriveKey('fingerprint')
  }

  /** TooManyWaitingError when too many sign in at once. */
  signIn(credentials: { username: string; password: string }, caller: Caller): Promise<SignInResult> {
    return signIn(this.#dependencies, credentials, caller)
  }

  refreshSession(refreshToken: string, caller: Caller): Promise<RefreshResult> {
    return refreshSession(this.#dependencies, refreshToken, caller)
  }

  /** The session as it ended; null when there is none. */
  async signOut(sessionId: SessionId, by: Viewer, caller: Caller): Promise<Session | null> {
    const { database, clock } = this.#dependencies
    const session = await endSession(database.pool, sessionId, clock.now())
    const { userId, username } = by
    await this.record({ action: 'signOut', outcome: 'SUCCESS', userId, username, ...caller, details: { sessionId } })
    return session
  }

  /** Argon2id, for `person.password_hash`. TooManyWaitingError. */
  hashPassword(password: string): Promise<string> {
    return this.#dependencies.passwords.hash(password)
  }

  /** Tells two secrets apart without the means to guess one: for the comparison of repeated inputs. */
  fingerprint(secret: string): string {
    return createHmac('sha256', this.#fingerprintKey).update(secret).digest('base64url')
  }

  /** What an access token says; null when it is none of ours, or has run out. Asks nobody. */
  readToken(accessToken: string): AccessClaims | null {
    return this.#dependencies.tokens.read(accessToken)
  }

  /** As readToken, of a header or parameter `Bearer <access token>`. */
  readBearer(authorization: string): AccessClaims | null {
    const token = /^Bearer ([\w.-]+)$/i.exec(authorization)?.[1]
    return token === undefined ? null : this.readToken(token)
  }

  /** Null when the session has ended or its user may no longer sign in. */
  async viewerOfSession(sessionId: SessionId): Promise<Viewer | null> {
    return (await this.viewersOfSessions([sessionId])).get(sessionId) ?? null
  }

  /** As viewerOfSession, for many at once; what has ended is left out. */
  viewersOfSessions(sessionIds: readonly SessionId[]): Promise<Map<SessionId, Viewer>> {
    const { database, clock } = this.#dependencies
    return readViewers(database, sessionIds, clock.now())
  }

  /** Writes to the log of access. */
  record(entry: AccessEntry): Promise<void> {
    const { database, clock } = this.#dependencies
    return recordAccess(database, entry, clock.now())
  }
}
