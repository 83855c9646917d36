import type { UserRow } from '../../access/list-people.js'
import { detailProblems, permissionsOf } from '../../access/person-rules.js'
import { hasPermission, type Viewer } from '../../access/viewer.js'
import type { ChangedUser } from '../../commands/change-people.js'
import type { Role } from '../../domain/user/user.js'
import { type UserError, userError, userErrorsOf } from '../user-error.js'
import type { UpdateUserInput } from './user.input.js'

/**
 * Why the viewer may not manage this user: who manages users manages those whose rights they have themselves, or they
 * could lend themselves the rights of anybody.
 */
export function managingProblems(viewer: Viewer, user: UserRow): UserError[] {
  if (viewer.role === 'ADMIN' || user.id === viewer.userId) return []
  if (user.role === 'ADMIN') return [userError('INVALID', 'An ADMIN can be managed by an ADMIN only', 'userId')]
  return user.permissions
    .filter((name) => !hasPermission(viewer, name))
    .map((name) => userError('INVALID', `Who has ${name} can be managed by who has it only`, 'userId'))
}

/** The rights that are given, and why they cannot be. Nobody gives rights that they lack; what the user has may stay. */
export function rightsProblems(
  viewer: Viewer,
  given: { readonly role: Role | null; readonly permissions: readonly string[] | null },
  held: Pick<UserRow, 'role' | 'permissions'>,
): UserError[] {
  const { permissions, unknown } = permissionsOf(given.permissions ?? [])
  const lacking = permissions.filter((name) => !held.permissions.includes(name) && !hasPermission(viewer, name))
  const role = given.role ?? held.role
  return [
    ...unknown.map((name) =>
      userError('INVALID', `Permission must be a known one, given ${JSON.stringify(name)}`, 'permissions'),
    ),
    ...lacking.map((name) => userError('INVALID', `Permission ${name} can be given by who has it only`, 'permissions')),
    ...(role === 'ADMIN' && held.role !== 'ADMIN' && viewer.role !== 'ADMIN'
      ? [userError('INVALID', 'Role ADMIN can be given by an ADMIN only', 'role')]
      : []),
  ]
}

/** What the input changes, and everything that is wrong with it. */
export function changedUser(
  input: UpdateUserInput,
  viewer: Viewer,
  user: UserRow,
): { change: ChangedUser; problems: UserError[] } {
  const { email = null, fullName = null, isActive = null, role = null, permissions = null } = input
  const details = detailProblems({ email: email || null, fullName: fullName || null })
  const problems = [
    ...managingProblems(viewer, user),
    ...userErrorsOf({ rejections: details }),
    ...rightsProblems(viewer, { role, permissions }, user),
  ]
  const known = permissions === null ? null : permissionsOf(permissions).permissions
  return { change: { rights: { role, permissions: known, isActive }, email, fullName }, problems }
}

const MAX_REASON = 500

/** What is wrong with a reason that stands in the journal for ever: it must not name the person it is about. */
export function reasonProblems(reason: string, { username, email, fullName }: UserRow): UserError[] {
  if (reason.trim() === '' || reason.length > MAX_REASON) {
    return [userError('INVALID', `Reason must have 1 to ${MAX_REASON} characters, given ${reason.length}`, 'reason')]
  }
  const text = reason.toLowerCase()
  const isNamed = [username, email, fullName].some((name) => name !== null && text.includes(name.toLowerCase()))
  if (!isNamed) return []
  return [userError('INVALID', 'Reason must not name the person: it stays in the journal for ever', 'reason')]
}
