import { assertNever } from '../assert-never.js'
import type { UserId } from '../ids.js'
import { type Decision, refuse } from '../rejection.js'

export const PROJECT_ROLES = ['VIEWER', 'OPERATOR', 'EDITOR', 'OWNER'] as const

/** Each may do what those before it may. */
export type ProjectRole = (typeof PROJECT_ROLES)[number]

/** One stream per project, its members inside it. */
export type ProjectEvent =
  | { readonly type: 'ProjectCreated'; readonly data: { readonly name: string; readonly description: string } }
  | { readonly type: 'ProjectRoleGranted'; readonly data: { readonly userId: UserId; readonly role: ProjectRole } }

export type ProjectCommand =
  | {
      readonly type: 'CreateProject'
      readonly name: string
      readonly description: string
      /** Becomes the first OWNER; null where the platform itself makes the project. */
      readonly owner: UserId | null
    }
  | { readonly type: 'GrantProjectRole'; readonly userId: UserId; readonly role: ProjectRole }

export type ProjectState =
  | { readonly status: 'NONE' }
  | { readonly status: 'PRESENT'; readonly members: ReadonlyMap<UserId, ProjectRole> }

export const NO_PROJECT: ProjectState = { status: 'NONE' }

export function decideProject(command: ProjectCommand, state: ProjectState): Decision<ProjectEvent> {
  switch (command.type) {
    case 'CreateProject': {
      if (state.status !== 'NONE') return refuse('CONFLICT', 'The project exists already')
      const { name, description, owner } = command
      const created: ProjectEvent = { type: 'ProjectCreated', data: { name, description } }
      return owner === null ? [created] : [created, granted(owner, 'OWNER')]
    }
    case 'GrantProjectRole': {
      if (state.status === 'NONE') return refuse('NOT_FOUND', 'The project does not exist', ['projectId'])
      const held = state.members.get(command.userId)
      if (held === command.role) return []
      if (held === 'OWNER' && ownersOf(state) === 1) {
        return refuse('NOT_ALLOWED_IN_STATE', 'A project keeps at least one OWNER; grant the role to another first', [
          'role',
        ])
      }
      return [granted(command.userId, command.role)]
    }
    default:
      return assertNever(command)
  }
}

function granted(userId: UserId, role: ProjectRole): ProjectEvent {
  return { type: 'ProjectRoleGranted', data: { userId, role } }
}

function ownersOf(state: ProjectState & { status: 'PRESENT' }): number {
  return [...state.members.values()].filter((role) => role === 'OWNER').length
}

export function evolveProject(state: ProjectState, event: ProjectEvent): ProjectState {
  if (event.type === 'ProjectCreated') return { status: 'PRESENT', members: new Map() }
  if (state.status === 'NONE') throw new Error(`${event.type} cannot be a project's first event`)
  return { ...state, members: new Map(state.members).set(event.data.userId, event.data.role) }
}
