import { assertNever } from '../assert-never.js'
import type { UserId } from '../ids.js'
import { type Decision, refuse } from '../rejection.js'

export const PROJECT_ROLES = ['VIEWER', 'OPERATOR', 'EDITOR', 'OWNER'] as const

/** Each may do what those before it may. */
export type ProjectRole = (typeof PROJECT_ROLES)[number]

/** One stream per project, its members and the names of its secrets inside it. */
export type ProjectEvent =
  | { readonly type: 'ProjectCreated'; readonly data: { readonly name: string; readonly description: string } }
  | { readonly type: 'ProjectRenamed'; readonly data: { readonly name: string } }
  | { readonly type: 'ProjectDescribed'; readonly data: { readonly description: string } }
  | { readonly type: 'ProjectArchived'; readonly data: Record<string, never> }
  | { readonly type: 'ProjectRoleGranted'; readonly data: { readonly userId: UserId; readonly role: ProjectRole } }
  | { readonly type: 'ProjectRoleRevoked'; readonly data: { readonly userId: UserId } }
  | { readonly type: 'ProjectSecretSet'; readonly data: { readonly name: string } }
  | { readonly type: 'ProjectSecretDeleted'; readonly data: { readonly name: string } }

export type ProjectCommand =
  | {
      readonly type: 'CreateProject'
      readonly name: string
      readonly description: string
      /** Becomes the first OWNER; null where the platform itself makes the project. */
      readonly owner: UserId | null
    }
  | {
      /** What is null stays as it is. */
      readonly type: 'ChangeProject'
      readonly name: string | null
      readonly description: string | null
    }
  | { readonly type: 'ArchiveProject' }
  | { readonly type: 'GrantProjectRole'; readonly userId: UserId; readonly role: ProjectRole }
  | { readonly type: 'RevokeProjectRole'; readonly userId: UserId }
  /** The value is written beside it, encrypted. */
  | { readonly type: 'SetSecret'; readonly name: string }
  | { readonly type: 'DeleteSecret'; readonly name: string }

export type ProjectState =
  | { readonly status: 'NONE' }
  | {
      /** ARCHIVED is final: it is read, its members change, and nothing else. */
      readonly status: 'PRESENT' | 'ARCHIVED'
      readonly name: string
      readonly description: string
      readonly members: ReadonlyMap<UserId, ProjectRole>
      readonly secrets: ReadonlySet<string>
    }

export const NO_PROJECT: ProjectState = { status: 'NONE' }

type SomeProject = Exclude<ProjectState, { status: 'NONE' }>

/** More would be no list to look through. */
const MAX_SECRETS = 1_000

export function decideProject(command: ProjectCommand, state: ProjectState): Decision<ProjectEvent> {
  if (command.type === 'CreateProject') {
    if (state.status !== 'NONE') return refuse('CONFLICT', 'The project exists already')
    const { name, description, owner } = command
    const created: ProjectEvent = { type: 'ProjectCreated', data: { name, description } }
    return owner === null ? [created] : [created, granted(owner, 'OWNER')]
  }
  if (state.status === 'NONE') return refuse('NOT_FOUND', 'The project does not exist', ['projectId'])
  return decideExisting(command, state)
}

function decideExisting(
  command: Exclude<ProjectCommand, { type: 'CreateProject' }>,
  state: SomeProject,
): Decision<ProjectEvent> {
  switch (command.type) {
    case 'ChangeProject':
      return state.status === 'ARCHIVED' ? archived(state) : changes(command, state)
    case 'ArchiveProject':
      return state.status === 'ARCHIVED' ? [] : [{ type: 'ProjectArchived', data: {} }]
    case 'GrantProjectRole': {
      const held = state.members.get(command.userId)
      if (held === command.role) return []
      if (isLastOwner(command.userId, state)) return ownerless('role')
      return [granted(command.userId, command.role)]
    }
    case 'RevokeProjectRole': {
      const { userId } = command
      if (!state.members.has(userId)) return []
      if (isLastOwner(userId, state)) return ownerless('userId')
      return [{ type: 'ProjectRoleRevoked', data: { userId } }]
    }
    case 'SetSecret':
      return state.status === 'ARCHIVED' ? archived(state) : secretSet(command.name, state)
    case 'DeleteSecret': {
      const { name } = command
      return state.secrets.has(name) ? [{ type: 'ProjectSecretDeleted', data: { name } }] : []
    }
    default:
      return assertNever(command)
  }
}

function changes(
  { name, description }: Extract<ProjectCommand, { type: 'ChangeProject' }>,
  state: SomeProject,
): ProjectEvent[] {
  const events: ProjectEvent[] = []
  if (name !== null && name !== state.name) events.push({ type: 'ProjectRenamed', data: { name } })
  if (description !== null && description !== state.description) {
    events.push({ type: 'ProjectDescribed', data: { description } })
  }
  return events
}

function secretSet(name: string, { secrets }: SomeProject): Decision<ProjectEvent> {
  if (!secrets.has(name) && secrets.size >= MAX_SECRETS) {
    return refuse('TOO_LARGE', `A project has at most ${MAX_SECRETS} secrets; delete one first`)
  }
  return [{ type: 'ProjectSecretSet', data: { name } }]
}

function archived({ name }: SomeProject): Decision<ProjectEvent> {
  return refuse('NOT_ALLOWED_IN_STATE', `Project ${name} is archived: it can be read only`, ['projectId'])
}

function ownerless(path: string): Decision<ProjectEvent> {
  const message = 'A project keeps at least one OWNER; grant the role to another first'
  return refuse('NOT_ALLOWED_IN_STATE', message, [path])
}

function granted(userId: UserId, role: ProjectRole): ProjectEvent {
  return { type: 'ProjectRoleGranted', data: { userId, role } }
}

function isLastOwner(userId: UserId, { members }: SomeProject): boolean {
  if (members.get(userId) !== 'OWNER') return false
  return [...members.values()].filter((role) => role === 'OWNER').length === 1
}

export function evolveProject(state: ProjectState, event: ProjectEvent): ProjectState {
  if (event.type === 'ProjectCreated') {
    return { status: 'PRESENT', ...event.data, members: new Map(), secrets: new Set() }
  }
  if (state.status === 'NONE') throw new Error(`${event.type} cannot be a project's first event`)
  switch (event.type) {
    case 'ProjectRenamed':
    case 'ProjectDescribed':
      return { ...state, ...event.data }
    case 'ProjectArchived':
      return { ...state, status: 'ARCHIVED' }
    case 'ProjectRoleGranted':
      return { ...state, members: new Map(state.members).set(event.data.userId, event.data.role) }
    case 'ProjectRoleRevoked': {
      const members = new Map(state.members)
      members.delete(event.data.userId)
      return { ...state, members }
    }
    case 'ProjectSecretSet':
      return { ...state, secrets: new Set([...state.secrets, event.data.name]) }
    case 'ProjectSecretDeleted':
      return { ...state, secrets: new Set([...state.secrets].filter((name) => name !== event.data.name)) }
    default:
      return assertNever(event)
  }
}
