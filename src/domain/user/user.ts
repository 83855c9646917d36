import { assertNever } from '../assert-never.js'
import type { ApiTokenId, SessionId } from '../ids.js'
import { type Decision, refuse } from '../rejection.js'

export type Role = 'ADMIN' | 'USER'

/** Beyond what every user may: manage these nouns, or read the whole audit log. ADMIN may all. */
export const PERMISSIONS = ['queues', 'pools', 'machines', 'templates', 'audit', 'users', 'backups'] as const
export type Permission = (typeof PERMISSIONS)[number]

/** One stream per user. No personal data: what was written beside it is named, never shown. */
export type UserEvent =
  | {
      readonly type: 'UserCreated'
      readonly data: {
        readonly role: Role
        readonly permissions: readonly Permission[]
        /** Which personal fields were set. */
        readonly fields: readonly string[]
      }
    }
  | { readonly type: 'UserRightsChanged'; readonly data: UserRights }
  | { readonly type: 'UserDetailsChanged'; readonly data: { readonly fields: readonly string[] } }
  | { readonly type: 'UserActivated'; readonly data: Record<string, never> }
  | { readonly type: 'UserDeactivated'; readonly data: Record<string, never> }
  | { readonly type: 'UserPasswordChanged'; readonly data: Record<string, never> }
  | { readonly type: 'UserSessionRevoked'; readonly data: { readonly sessionId: SessionId } }
  | { readonly type: 'UserApiTokenCreated'; readonly data: NewApiToken }
  | { readonly type: 'UserApiTokenRevoked'; readonly data: { readonly apiTokenId: ApiTokenId } }
  | { readonly type: 'UserErased'; readonly data: { readonly reason: string } }

export interface UserRights {
  readonly role: Role
  readonly permissions: readonly Permission[]
}

/** What the journal says of a token; its name and hash stand beside it. */
export interface NewApiToken {
  readonly apiTokenId: ApiTokenId
  readonly scopes: readonly string[]
  /** RFC 3339, UTC. */
  readonly expiresAt: string
}

export type UserCommand =
  | {
      readonly type: 'CreateUser'
      readonly role: Role
      readonly permissions: readonly Permission[]
      readonly fields: readonly string[]
    }
  | {
      /** What is null stays as it is; `fields` are the personal ones that are written beside it. */
      readonly type: 'ChangeUser'
      readonly role: Role | null
      readonly permissions: readonly Permission[] | null
      readonly isActive: boolean | null
      readonly fields: readonly string[]
    }
  | { readonly type: 'ChangePassword' }
  | { readonly type: 'RevokeSession'; readonly sessionId: SessionId }
  | { readonly type: 'CreateApiToken'; readonly token: NewApiToken }
  | { readonly type: 'RevokeApiToken'; readonly apiTokenId: ApiTokenId }
  | { readonly type: 'EraseUser'; readonly reason: string }

export type UserState =
  | { readonly status: 'NONE' }
  | (UserRights & {
      readonly status: 'PRESENT'
      readonly isActive: boolean
      /** Those that were not revoked. */
      readonly apiTokens: ReadonlySet<ApiTokenId>
      readonly revokedSessions: ReadonlySet<SessionId>
    })
  | { readonly status: 'ERASED' }

export const NO_USER: UserState = { status: 'NONE' }

type PresentUser = Extract<UserState, { status: 'PRESENT' }>

/** That an active ADMIN is left is no matter of one stream: the database sees to it when rights are taken. */
export function decideUser(command: UserCommand, state: UserState): Decision<UserEvent> {
  if (command.type === 'CreateUser') {
    if (state.status !== 'NONE') return refuse('CONFLICT', 'The user exists already')
    const { role, permissions, fields } = command
    return [{ type: 'UserCreated', data: { role, permissions, fields } }]
  }
  if (state.status === 'NONE') return refuse('NOT_FOUND', 'The user does not exist', ['userId'])
  if (state.status === 'ERASED') {
    return command.type === 'EraseUser' ? [] : refuse('NOT_ALLOWED_IN_STATE', 'The user was erased', ['userId'])
  }
  return decidePresent(command, state)
}

function decidePresent(command: Exclude<UserCommand, { type: 'CreateUser' }>, state: PresentUser): Decision<UserEvent> {
  switch (command.type) {
    case 'ChangeUser':
      return changes(command, state)
    case 'ChangePassword':
      return [{ type: 'UserPasswordChanged', data: {} }]
    case 'RevokeSession': {
      const { sessionId } = command
      return state.revokedSessions.has(sessionId) ? [] : [{ type: 'UserSessionRevoked', data: { sessionId } }]
    }
    case 'CreateApiToken': {
      if (state.apiTokens.size >= MAX_TOKENS) {
        return refuse('TOO_LARGE', `A user has at most ${MAX_TOKENS} tokens; revoke one first`)
      }
      return [{ type: 'UserApiTokenCreated', data: command.token }]
    }
    case 'RevokeApiToken': {
      const { apiTokenId } = command
      return state.apiTokens.has(apiTokenId) ? [{ type: 'UserApiTokenRevoked', data: { apiTokenId } }] : []
    }
    case 'EraseUser':
      return [{ type: 'UserErased', data: { reason: command.reason } }]
    default:
      return assertNever(command)
  }
}

/** Not revoked, whether they have run out or not. */
const MAX_TOKENS = 1_000

function changes(command: Extract<UserCommand, { type: 'ChangeUser' }>, state: PresentUser): UserEvent[] {
  const { fields, isActive } = command
  const role = command.role ?? state.role
  const permissions = command.permissions ?? state.permissions
  const events: UserEvent[] = []
  if (role !== state.role || !isSame(permissions, state.permissions)) {
    events.push({ type: 'UserRightsChanged', data: { role, permissions } })
  }
  if (isActive !== null && isActive !== state.isActive) {
    events.push({ type: isActive ? 'UserActivated' : 'UserDeactivated', data: {} })
  }
  if (fields.length > 0) events.push({ type: 'UserDetailsChanged', data: { fields } })
  return events
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each))
}

export function evolveUser(state: UserState, event: UserEvent): UserState {
  if (event.type === 'UserCreated') {
    const { role, permissions } = event.data
    return { status: 'PRESENT', role, permissions, isActive: true, apiTokens: new Set(), revokedSessions: new Set() }
  }
  if (state.status !== 'PRESENT') return state
  switch (event.type) {
    case 'UserRightsChanged':
      return { ...state, ...event.data }
    case 'UserActivated':
      return { ...state, isActive: true }
    case 'UserDeactivated':
      return { ...state, isActive: false }
    case 'UserDetailsChanged':
    case 'UserPasswordChanged':
      return state
    case 'UserSessionRevoked':
      return { ...state, revokedSessions: new Set([...state.revokedSessions, event.data.sessionId]) }
    case 'UserApiTokenCreated':
      return { ...state, apiTokens: new Set([...state.apiTokens, event.data.apiTokenId]) }
    case 'UserApiTokenRevoked':
      return { ...state, apiTokens: new Set([...state.apiTokens].filter((id) => id !== event.data.apiTokenId)) }
    case 'UserErased':
      return { status: 'ERASED' }
    default:
      return assertNever(event)
  }
}
