import type { KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { SessionId, UserId } from '../domain/ids.js'
import type { Clock } from '../platform/clock.js'
import { isId } from '../platform/ids.js'

const ISSUER = 'dagbook'
const AUDIENCE = 'dagbook-api'
const LIFETIME_S = 600

/** What an access token says; whether its session still lives is asked of the database. */
export interface AccessClaims {
  readonly userId: UserId
  readonly sessionId: SessionId
  readonly expiresAt: Date
}

/** Makes and reads access tokens: JWTs signed with HS256, good for ten minutes. */
export class AccessTokens {
  constructor(
    /** Derived for this purpose alone. */
    private readonly key: KeyObject,
    private readonly clock: Clock,
  ) {}

  issue(userId: UserId, sessionId: SessionId): { token: string; expiresAt: Date } {
    const issuedAt = Math.floor(this.clock.now().getTime() / 1_000)
    const expires = issuedAt + LIFETIME_S
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: userId, sid: sessionId, iat: issuedAt, exp: expires }
    return { token: jwt.sign(claims, this.key, { algorithm: 'HS256' }), expiresAt: new Date(expires * 1_000) }
  }

  /** Null for whatever is no valid token of ours, or no longer. */
  read(token: string): AccessClaims | null {
    if (token.length > 2_000) return null
    try {
      const clockTimestamp = Math.floor(this.clock.now().getTime() / 1_000)
      const options = { algorithms: ['HS256' as const], issuer: ISSUER, audience: AUDIENCE, clockTimestamp }
      const { sub, sid, exp } = jwt.verify(token, this.key, options) as jwt.JwtPayload
      if (!isId(sub, 'user') || !isId(sid, 'session') || typeof exp !== 'number') return null
      return {
        userId: sub as string as UserId,
        sessionId: sid as string as SessionId,
        expiresAt: new Date(exp * 1_000),
      }
    } catch {
      return null
    }
  }
}
