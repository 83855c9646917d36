import type { ProjectId } from '../domain/ids.js'
import { PROJECT_ROLES, type ProjectRole } from '../domain/project/project.js'
import type { Permission } from '../domain/user/user.js'
import type { Scope } from './scopes.js'
import { hasPermission, hasScope, type Rights, type Viewer } from './viewer.js'

/**
 * What an action needs: to be signed in, a role in its project or a higher one, a permission, or the role ADMIN. An API
 * token needs the scope besides; null: tokens may not do it.
 */
export type Need = { readonly scope: Scope | null } & (
  | { readonly kind: 'SIGNED_IN' }
  | { readonly kind: 'PROJECT_ROLE'; readonly role: ProjectRole }
  | { readonly kind: 'PERMISSION'; readonly permission: Permission }
  | { readonly kind: 'ADMIN' }
)

const signedIn = (scope: Scope | null): Need => ({ kind: 'SIGNED_IN', scope })
const admin = (scope: Scope): Need => ({ kind: 'ADMIN', scope })
const role = (name: ProjectRole, scope: Scope): Need => ({ kind: 'PROJECT_ROLE', role: name, scope })
const permission = (name: Permission): Need => ({ kind: 'PERMISSION', permission: name, scope: name })

/** The one table of who may do what. ADMIN may all of it. docs/access.md shows it. */
export const POLICY = {
  createProject: signedIn('projects'),
  readProject: role('VIEWER', 'read'),
  triggerRun: role('OPERATOR', 'runs'),
  /** A task that nobody has published: as much as publishing one. */
  runInlineTask: role('EDITOR', 'dags'),
  steerRun: role('OPERATOR', 'runs'),
  writeCache: role('OPERATOR', 'runs'),
  publishDag: role('EDITOR', 'dags'),
  enableDag: role('EDITOR', 'dags'),
  deleteDag: role('EDITOR', 'dags'),
  /** Those of a project; those of queues and pools need these permissions, others ADMIN. */
  manageSlas: role('EDITOR', 'dags'),
  manageMembers: role('OWNER', 'projects'),
  manageProject: role('OWNER', 'projects'),
  manageSecrets: role('OWNER', 'projects'),
  readCapacity: signedIn('read'),
  manageQueues: permission('queues'),
  managePools: permission('pools'),
  manageMachines: permission('machines'),
  readTemplates: signedIn('read'),
  manageTemplates: permission('templates'),
  manageUsers: permission('users'),
  readAuditLog: permission('audit'),
  /** One's own sessions, tokens and password. */
  manageOwnAccess: signedIn(null),
  /** What is watched everywhere at once. */
  manageAllSlas: admin('dags'),
  readSlas: signedIn('read'),
  /** Events that belong to no project. */
  readPlatformEvents: admin('read'),
} as const satisfies Record<string, Need>

export type Action = keyof typeof POLICY

/**
 * Whether these rights, a viewer's mostly, allow it; `projectId` is the project that it concerns, where the action is one
 * in a project. Without rights, or without the project that the action needs: no.
 */
export function may(rights: Rights | null, action: Action, projectId: string | null = null): boolean {
  const need: Need = POLICY[action]
  if (rights === null || !hasScope(rights, need.scope)) return false
  if (rights.role === 'ADMIN') return true
  switch (need.kind) {
    case 'SIGNED_IN':
      return true
    case 'PERMISSION':
      return hasPermission(rights, need.permission)
    case 'PROJECT_ROLE':
      return projectId !== null && atLeast(rights.projectRoles.get(projectId as ProjectId), need.role)
    case 'ADMIN':
      return false
  }
}

/** As `may`, as far as it can be told without knowing the project: a role in one is left to be checked. */
export function mayAnywhere(viewer: Viewer | null, action: Action): boolean {
  const need: Need = POLICY[action]
  if (viewer === null || need.kind !== 'PROJECT_ROLE') return may(viewer, action)
  return hasScope(viewer, need.scope)
}

function atLeast(held: ProjectRole | undefined, needed: ProjectRole): boolean {
  return held !== undefined && PROJECT_ROLES.indexOf(held) >= PROJECT_ROLES.indexOf(needed)
}
