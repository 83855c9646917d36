import { createHash, randomBytes } from 'node:crypto'
import type { ApiTokenId, UserId } from '../domain/ids.js'
import type { Database } from '../platform/database.js'
import { keysetSql, type Page } from '../platform/keyset.js'
import type { Statement } from '../platform/statement.js'
import type { Scope } from './scopes.js'
import { hasPermission, type Viewer } from './viewer.js'

/** What a program signs in with, in a user's name. */
export interface ApiTokenRow {
  readonly id: ApiTokenId
  readonly userId: UserId
  readonly name: string
  readonly scopes: Scope[]
  readonly createdAt: Date
  readonly expiresAt: Date
  /** To the minute. */
  readonly lastUsedAt: Date | null
  readonly revokedAt: Date | null
}

const PREFIX = 'dagbook_'
const SECRET = /^dagbook_[\w-]{43}$/

/** A token's text: 256 random bits, with a prefix by which scanners find it where it should not be. */
export function newTokenSecret(): string {
  return `${PREFIX}${randomBytes(32).toString('base64url')}`
}

/** Whether the text is of the form of a token's. */
export function isTokenSecret(text: string): boolean {
  return SECRET.test(text)
}

/** All that is kept of a token's text. */
export function hashTokenSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

const INSERT = `
  INSERT INTO api_token (id, user_id, name, hash, scopes, created_at, expires_at)
  VALUES ($1::text, $2::text, $3::text, $4::bytea, $5::text[], $6::timestamptz, $7::timestamptz)`

/** Keeps a new token. */
export function insertApiToken(
  token: Pick<ApiTokenRow, 'id' | 'userId' | 'name' | 'scopes' | 'createdAt' | 'expiresAt'>,
  secret: string,
): Statement {
  const { id, userId, name, scopes, createdAt, expiresAt } = token
  return { text: INSERT, values: [id, userId, name, hashTokenSecret(secret), scopes, createdAt, expiresAt] }
}

const REVOKE = `
  UPDATE api_token SET revoked_at = coalesce(revoked_at, $2::timestamptz) WHERE id = $1::text`

/** Ends a token for good. */
export function revokeApiToken(id: ApiTokenId, now: Date): Statement {
  return { text: REVOKE, values: [id, now] }
}

const TOKEN = `
  SELECT id, user_id AS "userId", name, scopes, created_at AS "createdAt", expires_at AS "expiresAt",
    last_used_at AS "lastUsedAt", revoked_at AS "revokedAt"
  FROM api_token`

/** Those of the tokens that the viewer may see: the own ones, or all with the permission `users`. */
export function getApiTokens(
  database: Database,
  ids: readonly string[],
  viewer: Viewer | null,
): Promise<ApiTokenRow[]> {
  if (viewer === null) return Promise.resolve([])
  const text = `${TOKEN} WHERE id = ANY($1::text[]) AND ($2::text IS NULL OR user_id = $2::text)`
  return database.query<ApiTokenRow>(text, [ids, ownerSeenBy(viewer)])
}

/** A page of a user's tokens, oldest first; none that the viewer may not see. */
export function listApiTokens(
  database: Database,
  userId: string,
  viewer: Viewer | null,
  page: Page,
): Promise<ApiTokenRow[]> {
  if (viewer === null) return Promise.resolve([])
  const columns = [
    { sql: 'created_at', cast: 'timestamptz' as const },
    { sql: 'id', cast: 'text' as const },
  ]
  const { where, orderBy, limit, values } = keysetSql(columns, 'ASC', page, 3)
  const text = `${TOKEN} WHERE user_id = $1::text AND ($2::text IS NULL OR user_id = $2::text) AND ${where}
    ORDER BY ${orderBy} LIMIT ${limit}`
  return database.query<ApiTokenRow>(text, [userId, ownerSeenBy(viewer), ...values])
}

const COUNT = `
  SELECT count(*) AS count FROM api_token WHERE user_id = $1::text AND ($2::text IS NULL OR user_id = $2::text)`

/** How many tokens of the user the viewer may see. */
export async function countApiTokens(database: Database, userId: string, viewer: Viewer | null): Promise<number> {
  if (viewer === null) return 0
  const [row] = await database.query<{ count: number }>(COUNT, [userId, ownerSeenBy(viewer)])
  return Number(row?.count)
}

/** Whose sessions and tokens the viewer may see: null is everybody's. */
export function ownerSeenBy(viewer: Viewer): UserId | null {
  return hasPermission(viewer, 'users') ? null : viewer.userId
}

const USED = `
  UPDATE api_token SET last_used_at = $2::timestamptz
  WHERE id = $1::text AND (last_used_at IS NULL OR last_used_at <= $2::timestamptz - interval '1 minute')`

/** Notes that the token was used; written at most once a minute. */
export async function noteTokenUse(database: Database, id: ApiTokenId, now: Date): Promise<void> {
  await database.query(USED, [id, now])
}
