import type { ApiTokenId, ProjectId, SessionId, UserId } from '../domain/ids.js'
import type { ProjectRole } from '../domain/project/project.js'
import type { Permission, Role } from '../domain/user/user.js'
import type { Scope } from './scopes.js'

/** What a user may, or a token of the user. */
export interface Rights {
  readonly userId: UserId
  readonly role: Role
  readonly permissions: readonly Permission[]
  /** Of an API token; null for the user, or a session, which may all that its user may. */
  readonly scopes: readonly Scope[] | null
  /** Only projects that the user is a member of. */
  readonly projectRoles: ReadonlyMap<ProjectId, ProjectRole>
}

/** Who is asking: read from the database for every request, so a changed role or a revoked session counts at once. */
export interface Viewer extends Rights {
  readonly username: string
  /** What speaks for the user. */
  readonly credential: CredentialId
}

/** A session's id or an API token's. */
export type CredentialId = SessionId | ApiTokenId

/** The viewer's session; null for an API token. */
export function sessionOf({ credential }: Viewer): SessionId | null {
  return credential.startsWith('session_') ? (credential as SessionId) : null
}

/** Whom the journal names: the user, or the token that works for the user. */
export function actorOf(viewer: Viewer): UserId | ApiTokenId {
  return sessionOf(viewer) === null ? (viewer.credential as ApiTokenId) : viewer.userId
}

/** Whether the viewer is a session, or a token that was made for this; null: for sessions alone. */
export function hasScope({ scopes }: Pick<Rights, 'scopes'>, scope: Scope | null): boolean {
  return scopes === null || (scope !== null && scopes.includes(scope))
}

/** ADMIN has every permission. */
export function hasPermission(rights: Rights, permission: Permission): boolean {
  return hasScope(rights, permission) && (rights.role === 'ADMIN' || rights.permissions.includes(permission))
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
