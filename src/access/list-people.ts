import type { Permission, Role } from '../domain/user/user.js'
import type { Database } from '../platform/database.js'
import { keysetSql, type Page } from '../platform/keyset.js'
import { ownerSeenBy } from './api-tokens.js'
import { SESSION_COLUMNS, type Session } from './sessions.js'
import type { Viewer } from './viewer.js'

/** A user and the person behind it; of an erased user only the id is left, in the name's place too. */
export interface UserRow {
  readonly id: string
  readonly username: string
  readonly email: string | null
  readonly fullName: string | null
  readonly role: Role
  readonly permissions: Permission[]
  readonly isActive: boolean
  readonly registeredAt: Date
  readonly createdAt: Date
  readonly lastLoginAt: Date | null
  readonly updatedAt: Date
}

const USER = `
  SELECT u.id, coalesce(p.username, u.id) AS username, p.email, p.full_name AS "fullName", u.role, u.permissions, u.is_active AS "isActive",
    u.created_at AS "registeredAt", u.created_at AS "createdAt", p.last_login_at AS "lastLoginAt",
    greatest(u.updated_at, p.updated_at) AS "updatedAt"
  FROM app_user u LEFT JOIN person p ON p.user_id = u.id`

/** Those of the users that exist, in any order. */
export function getUsers(database: Database, ids: readonly string[]): Promise<UserRow[]> {
  return database.query<UserRow>({ name: 'get-users', text: `${USER} WHERE u.id = ANY($1::text[])`, values: [ids] })
}

/** The user who signs in by that name, in any case. */
export async function findUser(database: Database, username: string): Promise<UserRow | null> {
  const text = `${USER} WHERE lower(p.username) = lower($1::text)`
  return (await database.query<UserRow>({ name: 'find-user', text, values: [username] }))[0] ?? null
}

/** A page of all users, oldest first. */
export function listUsers(database: Database, page: Page): Promise<UserRow[]> {
  const columns = [{ sql: 'u.id', cast: 'text' as const }]
  const { where, orderBy, limit, values } = keysetSql(columns, 'ASC', page, 1)
  return database.query<UserRow>(`${USER} WHERE ${where} ORDER BY ${orderBy} LIMIT ${limit}`, values)
}

/** How many users there are. */
export async function countUsers(database: Database): Promise<number> {
  const [row] = await database.query<{ count: number }>('SELECT count(*) AS count FROM app_user')
  return Number(row?.count)
}

const OF_TOKENS = `SELECT id, user_id AS "userId" FROM api_token WHERE id = ANY($1::text[])`

/** Whose tokens these are, by the tokens' ids. */
export async function getTokenUsers(database: Database, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const query = { name: 'get-token-users', text: OF_TOKENS, values: [ids] }
  const rows = await database.query<{ id: string; userId: string }>(query)
  return new Map(rows.map(({ id, userId }) => [id, userId]))
}

const SESSIONS = `
  SELECT ${SESSION_COLUMNS} FROM session
  WHERE id = ANY($1::text[]) AND ($2::text IS NULL OR user_id = $2::text)`

/** Those of the sessions that the viewer may see: the own ones, or all with the permission `users`. */
export function getSessions(database: Database, ids: readonly string[], viewer: Viewer | null): Promise<Session[]> {
  if (viewer === null) return Promise.resolve([])
  return database.query<Session>(SESSIONS, [ids, ownerSeenBy(viewer)])
}

const SESSION_KEY = [
  { sql: 'login_at', cast: 'timestamptz' as const },
  { sql: 'id', cast: 'text' as const },
]

/** A page of a user's sessions, newest first; none that the viewer may not see. */
export function listSessions(
  database: Database,
  userId: string,
  viewer: Viewer | null,
  page: Page,
): Promise<Session[]> {
  if (viewer === null) return Promise.resolve([])
  const { where, orderBy, limit, values } = keysetSql(SESSION_KEY, 'DESC', page, 3)
  const text = `SELECT ${SESSION_COLUMNS} FROM session
    WHERE user_id = $1::text AND ($2::text IS NULL OR user_id = $2::text) AND ${where}
    ORDER BY ${orderBy} LIMIT ${limit}`
  return database.query<Session>(text, [userId, ownerSeenBy(viewer), ...values])
}

const COUNT_SESSIONS = `
  SELECT count(*) AS count FROM session WHERE user_id = $1::text AND ($2::text IS NULL OR user_id = $2::text)`

/** How many sessions of the user the viewer may see, those that have ended included. */
export async function countSessions(database: Database, userId: string, viewer: Viewer | null): Promise<number> {
  if (viewer === null) return 0
  const [row] = await database.query<{ count: number }>(COUNT_SESSIONS, [userId, ownerSeenBy(viewer)])
  return Number(row?.count)
}
