import type { ApiTokenId, ProjectId, SessionId, UserId } from '../domain/ids.js'
import type { ProjectRole } from '../domain/project/project.js'
import type { Permission, Role } from '../domain/user/user.js'
import type { Database } from '../platform/database.js'
import type { Scope } from './scopes.js'
import type { CredentialId, Rights, Viewer } from './viewer.js'

const RIGHTS = `c.user_id AS "userId", u.role, u.permissions,
    (SELECT json_object_agg(m.project_id, m.role) FROM project_member m WHERE m.user_id = c.user_id) AS "projectRoles"`
const OF_ACTIVE_USER = `
  JOIN app_user u ON u.id = c.user_id AND u.is_active
  JOIN person p ON p.user_id = c.user_id`

const OF_SESSIONS = `
  SELECT c.id AS credential, NULL::text[] AS scopes, p.username, ${RIGHTS}
  FROM session c ${OF_ACTIVE_USER}
  WHERE c.id = ANY($1::text[]) AND c.logout_at IS NULL AND c.expires_at > $2::timestamptz`

const OF_TOKENS = `
  SELECT c.id AS credential, c.scopes, p.username, ${RIGHTS}
  FROM api_token c ${OF_ACTIVE_USER}
  WHERE c.id = ANY($1::text[]) AND c.revoked_at IS NULL AND c.expires_at > $2::timestamptz`

const OF_TOKEN = `
  SELECT c.id AS credential, c.scopes, c.expires_at AS "expiresAt", c.last_used_at AS "lastUsedAt", p.username, ${RIGHTS}
  FROM api_token c ${OF_ACTIVE_USER}
  WHERE c.hash = $1::bytea AND c.revoked_at IS NULL AND c.expires_at > $2::timestamptz`

const OF_ACTOR = `
  SELECT c.scopes, u.is_active AS "isActive", ${RIGHTS}
  FROM (SELECT $1::text AS user_id, NULL::text[] AS scopes
    UNION ALL SELECT user_id, scopes FROM api_token WHERE id = $1::text) AS c
  JOIN app_user u ON u.id = c.user_id`

interface RightsRow {
  readonly scopes: Scope[] | null
  readonly userId: UserId
  readonly role: Role
  readonly permissions: Permission[]
  readonly projectRoles: Record<ProjectId, ProjectRole> | null
}

interface Row extends RightsRow {
  readonly credential: CredentialId
  readonly username: string
}

/**
 * Who is behind each session and token; what has ended, was revoked or has run out, and what is of users who may not sign
 * in, is left out.
 */
export async function readViewers(
  database: Database,
  credentials: readonly CredentialId[],
  now: Date,
): Promise<Map<CredentialId, Viewer>> {
  const sessions = credentials.filter((id): id is SessionId => id.startsWith('session_'))
  const tokens = credentials.filter((id): id is ApiTokenId => !id.startsWith('session_'))
  const read = (name: string, text: string, ids: readonly string[]): Promise<Row[]> =>
    ids.length === 0 ? Promise.resolve([]) : database.query<Row>({ name, text, values: [ids, now] })
  const rows = await Promise.all([
    read('read-viewers', OF_SESSIONS, sessions),
    read('read-token-viewers', OF_TOKENS, tokens),
  ])
  return new Map(rows.flat().map((row) => [row.credential, viewerOf(row)]))
}

/** Who is behind the token of that hash, and when it was used last; null as in readViewers. */
export async function readTokenViewer(
  database: Database,
  hash: Buffer,
  now: Date,
): Promise<{ viewer: Viewer; expiresAt: Date; lastUsedAt: Date | null } | null> {
  const query = { name: 'read-token-viewer', text: OF_TOKEN, values: [hash, now] }
  const [row] = await database.query<Row & { expiresAt: Date; lastUsedAt: Date | null }>(query)
  return row === undefined ? null : { viewer: viewerOf(row), expiresAt: row.expiresAt, lastUsedAt: row.lastUsedAt }
}

/**
 * The user whom the journal names, or whose token it names, and what that actor may by now: the user's rights, of a token
 * within its scopes, whether or not that has ended. Rights are null where the user is inactive or erased, or there is none.
 */
export async function readActor(
  database: Database,
  actor: string,
): Promise<{ readonly userId: string; readonly rights: Rights | null }> {
  const query = { name: 'read-actor', text: OF_ACTOR, values: [actor] }
  const [row] = await database.query<RightsRow & { isActive: boolean }>(query)
  return { userId: row?.userId ?? actor, rights: row?.isActive === true ? rightsOf(row) : null }
}

function viewerOf(row: Row): Viewer {
  return { ...rightsOf(row), credential: row.credential, username: row.username }
}

function rightsOf({ scopes, userId, role, permissions, projectRoles }: RightsRow): Rights {
  const roles = Object.entries(projectRoles ?? {}) as [ProjectId, ProjectRole][]
  return { scopes, userId, role, permissions, projectRoles: new Map(roles) }
}
