import type { ProjectId, UserId } from '../domain/ids.js'
import { nameProblems } from '../domain/name.js'
import type { Refused, Rejection } from '../domain/rejection.js'
import { newId } from '../platform/ids.js'
import type { Addressed } from './command.js'

const MAX_DESCRIPTION = 2_000

/** A project to be; `owner` becomes its first OWNER, null where the platform itself makes it. */
export interface NewProject {
  readonly name: string
  readonly description: string
  readonly owner: UserId | null
}

/** Makes a project, or says what is wrong with it. A name in use fails on the constraint `project_name`. */
export function createProject(project: NewProject): { streamId: ProjectId; command: Addressed } | Refused {
  const { name, description, owner } = project
  const rejections = projectProblems({ name, description })
  if (rejections.length > 0) return { rejections }
  const streamId = newId('project') as string as ProjectId
  return { streamId, command: { aggregate: 'project', command: { type: 'CreateProject', name, description, owner } } }
}

/** Everything that is wrong with a name and a description; null is not looked at. */
export function projectProblems({
  name,
  description,
}: {
  readonly name: string | null
  readonly description: string | null
}): Rejection[] {
  const problems = name === null ? [] : nameProblems('Project', name)
  if (description !== null && description.length > MAX_DESCRIPTION) {
    const rule = `must have at most ${MAX_DESCRIPTION} characters, given ${description.length}`
    problems.push({ code: 'TOO_LARGE', message: `Project description ${rule}`, path: ['description'] })
  }
  return problems
}
