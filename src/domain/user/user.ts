import { type Decision, refuse } from '../rejection.js'

export type Role = 'ADMIN' | 'USER'

/** Beyond what every user may: manage these nouns, or read the whole audit log. ADMIN may all. */
export const PERMISSIONS = ['queues', 'pools', 'machines', 'templates', 'audit', 'users', 'backups'] as const
export type Permission = (typeof PERMISSIONS)[number]

/** One stream per user. No personal data: what was written beside it is named, never shown. */
export interface UserEvent {
  readonly type: 'UserCreated'
  readonly data: {
    readonly role: Role
    readonly permissions: readonly Permission[]
    /** Which personal fields were set. */
    readonly fields: readonly string[]
  }
}

export interface UserCommand {
  readonly type: 'CreateUser'
  readonly role: Role
  readonly permissions: readonly Permission[]
  readonly fields: readonly string[]
}

export type UserState = { readonly status: 'NONE' } | { readonly status: 'PRESENT' }

export const NO_USER: UserState = { status: 'NONE' }

export function decideUser(command: UserCommand, state: UserState): Decision<UserEvent> {
  if (state.status !== 'NONE') return refuse('CONFLICT', 'The user exists already')
  const { role, permissions, fields } = command
  return [{ type: 'UserCreated', data: { role, permissions, fields } }]
}

export function evolveUser(_state: UserState, _event: UserEvent): UserState {
  return { status: 'PRESENT' }
}
