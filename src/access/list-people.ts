import type { Permission, Role } from '../domain/user/user.js'
import type { Database } from '../platform/database.js'
import { keysetSql, type Page } from '../platform/keyset.js'
import { SESSION_COLUMNS, type Session } from './sessions.js'
import { hasPermission, type Viewer } from './viewer.js'

/** A user and the person behind it. */
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
  SELECT u.id, p.username, p.email, p.full_name AS "fullName", u.role, u.permissions, u.is_active AS "isActive",
    u.created_at AS "registeredAt", u.created_at AS "createdAt", p.last_login_at AS "lastLoginAt",
    greatest(u.updated_at, p.updated_at) AS "updatedAt"
  FROM app_user u JOIN person p ON p.user_id = u.id`

/** Those of the users that exist, in any order. */
export function getUsers(database: Database, ids: readonly string[]): Promise<UserRow[]> {
  return database.query<UserRow>({ name: 'get-users', text: `${USER} WHERE u.id = ANY($1::text[])`, values: [ids] })
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

const SESSIONS = `
  SELECT ${SESSION_COLUMNS} FROM session
  WHERE id = ANY($1::text[]) AND ($2::text IS NULL OR user_id = $2::text)`

/** Those of the sessions that the viewer may see: the own ones, or all with the permission `users`. */
export function getSessions(database: Database, ids: readonly string[], viewer: Viewer | null): Promise<Session[]> {
  if (viewer === null) return Promise.resolve([])
  const owner = hasPermission(viewer, 'users') ? null : viewer.userId
  return database.query<Session>(SESSIONS, [ids, owner])
}
