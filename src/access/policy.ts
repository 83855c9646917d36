import type { ProjectId } from '../domain/ids.js'
import { PROJECT_ROLES, type ProjectRole } from '../domain/project/project.js'
import type { Permission } from '../domain/user/user.js'
import { hasPermission, type Viewer } from './viewer.js'

/** What an action needs: to be signed in, a role in its project or a higher one, a permission, or the role ADMIN. */
export type Need =
  | { readonly kind: 'SIGNED_IN' }
  | { readonly kind: 'PROJECT_ROLE'; readonly role: ProjectRole }
  | { readonly kind: 'PERMISSION'; readonly permission: Permission }
  | { readonly kind: 'ADMIN' }

const signedIn: Need = { kind: 'SIGNED_IN' }
const admin: Need = { kind: 'ADMIN' }
const role = (name: ProjectRole): Need => ({ kind: 'PROJECT_ROLE', role: name })
const permission = (name: Permission): Need => ({ kind: 'PERMISSION', permission: name })

/** The one table of who may do what. ADMIN may all of it. */
export const POLICY = {
  createProject: signedIn,
  readProject: role('VIEWER'),
  triggerRun: role('OPERATOR'),
  /** A task that nobody has published: as much as publishing one. */
  runInlineTask: role('EDITOR'),
  steerRun: role('OPERATOR'),
  publishDag: role('EDITOR'),
  enableDag: role('EDITOR'),
  deleteDag: role('EDITOR'),
  manageMembers: role('OWNER'),
  readCapacity: signedIn,
  manageQueues: permission('queues'),
  managePools: permission('pools'),
  manageMachines: permission('machines'),
  readTemplates: signedIn,
  manageTemplates: permission('templates'),
  manageUsers: permission('users'),
  readAuditLog: permission('audit'),
  /** Events that belong to no project. */
  readPlatformEvents: admin,
} as const satisfies Record<string, Need>

export type Action = keyof typeof POLICY

/**
 * Whether the viewer may do it; `projectId` is the project that it concerns, where the action is one in a project.
 * Without a viewer, or without the project that the action needs: no.
 */
export function may(viewer: Viewer | null, action: Action, projectId: string | null = null): boolean {
  if (viewer === null) return false
  if (viewer.role === 'ADMIN') return true
  const need: Need = POLICY[action]
  switch (need.kind) {
    case 'SIGNED_IN':
      return true
    case 'PERMISSION':
      return hasPermission(viewer, need.permission)
    case 'PROJECT_ROLE':
      return projectId !== null && atLeast(viewer.projectRoles.get(projectId as ProjectId), need.role)
    case 'ADMIN':
      return false
  }
}

function atLeast(held: ProjectRole | undefined, needed: ProjectRole): boolean {
  return held !== undefined && PROJECT_ROLES.indexOf(held) >= PROJECT_ROLES.indexOf(needed)
}
