import type { ProjectId, UserId } from '../domain/ids.js'
import type { ProjectRole } from '../domain/project/project.js'
import type { Addressed } from './command.js'

/** Gives a user a role in a project, instead of the one held before. That both exist is the caller's to know. */
export function grantProjectRole(
  streamId: ProjectId,
  userId: UserId,
  role: ProjectRole,
): { streamId: ProjectId; command: Addressed } {
  return { streamId, command: { aggregate: 'project', command: { type: 'GrantProjectRole', userId, role } } }
}
