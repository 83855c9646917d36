import type { PoolClient } from 'pg'
import { recordAccess } from './access-log.js'
import { endSession, extendSession, issueRefreshToken, type Session, useRefreshToken } from './sessions.js'
import type { AccessDependencies, Caller, SignedIn } from './sign-in.js'

/** `REUSED`: the token had been used before, so somebody has a copy, and the session was ended. */
export type RefreshResult = SignedIn | { readonly status: 'REFUSED' | 'REUSED' }

const MAX_TOKEN = 200

/** Trades a refresh token for new tokens. Each works once: one that comes back ends its session for everybody. */
export async function refreshSession(
  dependencies: AccessDependencies,
  refreshToken: string,
  caller: Caller,
): Promise<RefreshResult> {
  const { database, clock, tokens } = dependencies
  const now = clock.now()
  const traded =
    refreshToken.length > MAX_TOKEN ? null : await database.transaction((tx) => trade(tx, refreshToken, now))
  const isAlive = traded !== null && traded.token !== null
  const outcome = isAlive ? ('SUCCESS' as const) : ('FAILED' as const)
  const userId = traded?.session?.userId ?? null
  const isReused = traded?.isReused ?? false
  const details = isReused && traded?.session ? { reusedIn: traded.session.id } : {}
  await recordAccess(database, { action: 'refreshSession', outcome, userId, username: null, ...caller, details }, now)
  if (!isAlive || traded.session === null || traded.token === null) return { status: isReused ? 'REUSED' : 'REFUSED' }
  const { token: accessToken, expiresAt } = tokens.issue(traded.session.userId, traded.session.id)
  return { status: 'SIGNED_IN', accessToken, expiresAt, refreshToken: traded.token, session: traded.session }
}

interface Traded {
  readonly session: Session | null
  readonly isReused: boolean
  readonly token: string | null
}

async function trade(tx: PoolClient, refreshToken: string, now: Date): Promise<Traded | null> {
  const used = await useRefreshToken(tx, refreshToken, now)
  if (used === null) return null
  const { sessionId, isReused } = used
  if (isReused) return { session: await endSession(tx, sessionId, now), isReused, token: null }
  const session = await extendSession(tx, sessionId, now)
  const token = session === null ? null : await issueRefreshToken(tx, sessionId, now)
  return { session, isReused, token }
}
