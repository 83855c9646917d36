import { createHash, randomBytes } from 'node:crypto'
import type { ClientBase } from 'pg'
import type { SessionId, UserId } from '../domain/ids.js'
import type { Statement } from '../platform/statement.js'

/**
 * A signed-in device; it ends when it is signed out or revoked, when it is not refreshed for 30 days, 90 days after it
 * began in any case, or with its user.
 */
export interface Session {
  readonly id: SessionId
  readonly userId: UserId
  readonly loginAt: Date
  readonly logoutAt: Date | null
  readonly lastActivityAt: Date
  readonly expiresAt: Date
  readonly ipAddress: string | null
  readonly userAgent: string | null
}

const DAY_MS = 24 * 3_600_000
const IDLE_MS = 30 * DAY_MS
const LONGEST_MS = 90 * DAY_MS

/** The columns of a session, in the names that Session gives them. */
export const SESSION_COLUMNS = `id, user_id AS "userId", login_at AS "loginAt", logout_at AS "logoutAt",
  last_activity_at AS "lastActivityAt", expires_at AS "expiresAt", ip_address AS "ipAddress", user_agent AS "userAgent"`

const INSERT = `
  INSERT INTO session (id, user_id, login_at, last_activity_at, expires_at, ip_address, user_agent)
  VALUES ($1::text, $2::text, $3::timestamptz, $3::timestamptz, $4::timestamptz, $5::text, $6::text)`

/** Begins a session of that user. */
export async function insertSession(
  tx: ClientBase,
  session: Pick<Session, 'id' | 'userId' | 'ipAddress' | 'userAgent'>,
  now: Date,
): Promise<Session> {
  const { id, userId, ipAddress } = session
  const userAgent = session.userAgent?.slice(0, 200) ?? null
  const expiresAt = new Date(now.getTime() + IDLE_MS)
  await tx.query(INSERT, [id, userId, now, expiresAt, ipAddress, userAgent])
  return { id, userId, loginAt: now, logoutAt: null, lastActivityAt: now, expiresAt, ipAddress, userAgent }
}

const EXTEND = `
  UPDATE session SET last_activity_at = $2::timestamptz,
    expires_at = least($3::timestamptz, login_at + make_interval(secs => $4::double precision))
  WHERE id = $1::text AND logout_at IS NULL AND expires_at > $2::timestamptz
    AND EXISTS (SELECT FROM app_user u WHERE u.id = session.user_id AND u.is_active)
  RETURNING ${SESSION_COLUMNS}`

/** Gives a living session another 30 days, as far as it may last; null when it has ended. */
export async function extendSession(tx: ClientBase, id: SessionId, now: Date): Promise<Session | null> {
  const values = [id, now, new Date(now.getTime() + IDLE_MS), LONGEST_MS / 1_000]
  const { rows } = await tx.query<Session>(EXTEND, values)
  return rows[0] ?? null
}

const END = `
  UPDATE session SET logout_at = coalesce(logout_at, $2::timestamptz) WHERE id = $1::text RETURNING ${SESSION_COLUMNS}`

/** Ends a session for good; null when there is none of that id. */
export async function endSession(tx: Pick<ClientBase, 'query'>, id: SessionId, now: Date): Promise<Session | null> {
  const { rows } = await tx.query<Session>(END, [id, now])
  return rows[0] ?? null
}

const END_OF_USER = `
  UPDATE session SET logout_at = $2::timestamptz
  WHERE user_id = $1::text AND logout_at IS NULL AND id IS DISTINCT FROM $3::text`

/** Ends all sessions of a user but one, or without exception. */
export function endSessionsOfUser(userId: UserId, kept: SessionId | null, now: Date): Statement {
  return { text: END_OF_USER, values: [userId, now, kept] }
}

/** As endSession, to go with a command. */
export function endSessionStatement(id: SessionId, now: Date): Statement {
  return { text: END, values: [id, now] }
}

const INSERT_TOKEN = `
  INSERT INTO refresh_token (hash, session_id, created_at) VALUES ($1::bytea, $2::text, $3::timestamptz)`

/** A new refresh token of that session: 256 random bits, of which only the hash is kept. */
export async function issueRefreshToken(tx: ClientBase, sessionId: SessionId, now: Date): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await tx.query(INSERT_TOKEN, [hashToken(token), sessionId, now])
  return token
}

const USE = `
  UPDATE refresh_token SET used_at = $2::timestamptz WHERE hash = $1::bytea AND used_at IS NULL
  RETURNING session_id AS "sessionId"`

const OWNER = 'SELECT session_id AS "sessionId" FROM refresh_token WHERE hash = $1::bytea'

/** The session of a refresh token, which is used up by it; `isReused`: it had been used before. Null: never ours. */
export async function useRefreshToken(
  tx: ClientBase,
  token: string,
  now: Date,
): Promise<{ sessionId: SessionId; isReused: boolean } | null> {
  const hash = hashToken(token)
  const used = await tx.query<{ sessionId: SessionId }>(USE, [hash, now])
  if (used.rows[0] !== undefined) return { ...used.rows[0], isReused: false }
  const known = await tx.query<{ sessionId: SessionId }>(OWNER, [hash])
  return known.rows[0] === undefined ? null : { ...known.rows[0], isReused: true }
}

function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
