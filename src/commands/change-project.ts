import type { ProjectId, UserId } from '../domain/ids.js'
import type { ProjectCommand } from '../domain/project/project.js'
import type { Refused } from '../domain/rejection.js'
import type { Addressed } from './command.js'
import { projectProblems } from './create-project.js'

interface ProjectChange {
  readonly streamId: ProjectId
  readonly command: Addressed
}

/** Gives the project another name or description; null stays. A name in use fails on the constraint `project_name`. */
export function changeProject(
  streamId: ProjectId,
  { name, description }: { readonly name: string | null; readonly description: string | null },
): ProjectChange | Refused {
  const rejections = projectProblems({ name, description })
  return rejections.length > 0 ? { rejections } : of(streamId, { type: 'ChangeProject', name, description })
}

/** Nothing begins in it any more. */
export function archiveProject(streamId: ProjectId): ProjectChange {
  return of(streamId, { type: 'ArchiveProject' })
}

/** Takes a member out of the project. */
export function revokeProjectRole(streamId: ProjectId, userId: UserId): ProjectChange {
  return of(streamId, { type: 'RevokeProjectRole', userId })
}

function of(streamId: ProjectId, command: ProjectCommand): ProjectChange {
  return { streamId, command: { aggregate: 'project', command } }
}
