import type { ProjectId, SessionId, UserId } from '../domain/ids.js'
import type { ProjectRole } from '../domain/project/project.js'
import type { Permission, Role } from '../domain/user/user.js'
import type { Database } from '../platform/database.js'
import type { Viewer } from './viewer.js'

const READ = `
  SELECT s.id AS "sessionId", s.user_id AS "userId", p.username, u.role, u.permissions,
    (SELECT json_object_agg(m.project_id, m.role) FROM project_member m WHERE m.user_id = s.user_id) AS "projectRoles"
  FROM session s
  JOIN app_user u ON u.id = s.user_id AND u.is_active
  JOIN person p ON p.user_id = s.user_id
  WHERE s.id = ANY($1::text[]) AND s.logout_at IS NULL AND s.expires_at > $2::timestamptz`

interface Row {
  readonly sessionId: SessionId
  readonly userId: UserId
  readonly username: string
  readonly role: Role
  readonly permissions: Permission[]
  readonly projectRoles: Record<ProjectId, ProjectRole> | null
}

/** Who is behind each session; sessions that have ended, and those of users who may not sign in, are left out. */
export async function readViewers(
  database: Database,
  sessionIds: readonly SessionId[],
  now: Date,
): Promise<Map<SessionId, Viewer>> {
  if (sessionIds.length === 0) return new Map()
  const rows = await database.query<Row>({ name: 'read-viewers', text: READ, values: [sessionIds, now] })
  return new Map(
    rows.map(({ projectRoles, ...row }) => {
      const roles = Object.entries(projectRoles ?? {}) as [ProjectId, ProjectRole][]
      return [row.sessionId, { ...row, projectRoles: new Map(roles) }]
    }),
  )
}
