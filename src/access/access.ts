import { createHmac, type KeyObject } from 'node:crypto'
import type { ApiTokenId, SessionId } from '../domain/ids.js'
import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import type { SecretKey } from '../platform/secret-key.js'
import { type AccessEntry, recordAccess } from './access-log.js'
import { AccessTokens } from './access-token.js'
import { hashTokenSecret, isTokenSecret, noteTokenUse } from './api-tokens.js'
import { Passwords } from './passwords.js'
import { readTokenViewer, readViewers } from './read-viewers.js'
import { type RefreshResult, refreshSession } from './refresh-session.js'
import { endSession, type Session } from './sessions.js'
import { type AccessDependencies, type Caller, type SignInResult, signIn } from './sign-in.js'
import { type PasswordCheck, verifyPassword } from './verify-password.js'
import type { CredentialId, Viewer } from './viewer.js'

/** Who asks, and until when at the longest. */
export interface Authenticated {
  readonly viewer: Viewer
  readonly expiresAt: Date
}

const MINUTE_MS = 60_000

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

  /** Whether the password is the user's; guesses are slowed down as at signing in. TooManyWaitingError. */
  verifyPassword(viewer: Viewer, password: string, caller: Caller): Promise<PasswordCheck> {
    return verifyPassword(this.#dependencies, viewer, password, caller)
  }

  /** Who sends a header or parameter `Bearer <access token or API token>`; null where it speaks for nobody now. */
  async authenticate(authorization: string): Promise<Authenticated | null> {
    const token = /^Bearer ([\w.-]+)$/i.exec(authorization)?.[1]
    if (token === undefined) return null
    if (isTokenSecret(token)) return this.#ofApiToken(token)
    const claims = this.#dependencies.tokens.read(token)
    const viewer = claims === null ? null : await this.viewerOf(claims.sessionId)
    return claims === null || viewer === null ? null : { viewer, expiresAt: claims.expiresAt }
  }

  async #ofApiToken(secret: string): Promise<Authenticated | null> {
    const { database, clock } = this.#dependencies
    const now = clock.now()
    const found = await readTokenViewer(database, hashTokenSecret(secret), now)
    if (found === null) return null
    const { viewer, expiresAt, lastUsedAt } = found
    const isNoted = lastUsedAt !== null && now.getTime() - lastUsedAt.getTime() < MINUTE_MS
    if (!isNoted) await noteTokenUse(database, viewer.credential as ApiTokenId, now)
    return { viewer, expiresAt }
  }

  /** Null when the session or token has ended or its user may no longer sign in. */
  async viewerOf(credential: CredentialId): Promise<Viewer | null> {
    return (await this.viewersOf([credential])).get(credential) ?? null
  }

  /** As viewerOf, for many at once; what has ended is left out. */
  viewersOf(credentials: readonly CredentialId[]): Promise<Map<CredentialId, Viewer>> {
    const { database, clock } = this.#dependencies
    return readViewers(database, credentials, clock.now())
  }

  /** Writes to the log of access. */
  record(entry: AccessEntry): Promise<void> {
    const { database, clock } = this.#dependencies
    return recordAccess(database, entry, clock.now())
  }
}
