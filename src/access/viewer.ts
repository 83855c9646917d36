import type { ProjectId, SessionId, UserId } from '../domain/ids.js'
import type { ProjectRole } from '../domain/project/project.js'
import type { Permission, Role } from '../domain/user/user.js'

/** Who is asking: read from the database for every request, so a changed role or a revoked session counts at once. */
export interface Viewer {
  readonly userId: UserId
  readonly username: string
  readonly role: Role
  readonly permissions: readonly Permission[]
  readonly sessionId: SessionId
  /** Only projects that the viewer is a member of. */
  readonly projectRoles: ReadonlyMap<ProjectId, ProjectRole>
}

/** ADMIN has every permission. */
export function hasPermission(viewer: Viewer, permission: Permission): boolean {
  return viewer.role === 'ADMIN' || viewer.permissions.includes(permission)
}

/**
 * The projects whose rows the viewer may see, for SQL to limit by before it counts or pages:
 * `($1::text[] IS NULL OR project_id = ANY($1::text[]))` with `visibleProjectIds`.
 */
export function visibleProjects(viewer: Viewer | null): 'all' | readonly ProjectId[] {
  if (viewer === null) return []
  return viewer.role === 'ADMIN' ? 'all' : [...viewer.projectRoles.keys()]
}

/** As `visibleProjects`, in the form of an SQL parameter: null is all. */
export function visibleProjectIds(viewer: Viewer | null): readonly ProjectId[] | null {
  const visible = visibleProjects(viewer)
  return visible === 'all' ? null : visible
}
