import { permissionsOf, personProblems } from '../../access/person-rules.js'
import { hasPermission, type Viewer } from '../../access/viewer.js'
import type { NewUser } from '../../commands/create-user.js'
import { type UserError, userError, userErrorsOf } from '../user-error.js'
import type { CreateUserInput } from './user.input.js'

/** The user that the input describes, and everything that is wrong with it. Nobody gives rights that they lack. */
export function newUserProblems(
  input: CreateUserInput,
  viewer: Viewer,
): { user: Omit<NewUser, 'passwordHash'>; problems: UserError[] } {
  const { username, password } = input
  const person = { username, password, email: input.email ?? null, fullName: input.fullName ?? null }
  const problems = userErrorsOf({ rejections: personProblems(person) })
  const { permissions, unknown } = permissionsOf(input.permissions ?? [])
  for (const name of unknown) {
    problems.push(userError('INVALID', `Permission must be a known one, given ${JSON.stringify(name)}`, 'permissions'))
  }
  for (const name of permissions.filter((name) => !hasPermission(viewer, name))) {
    problems.push(userError('INVALID', `Permission ${name} can be given by who has it only`, 'permissions'))
  }
  const role = input.role ?? 'USER'
  if (role === 'ADMIN' && viewer.role !== 'ADMIN') {
    problems.push(userError('INVALID', 'Role ADMIN can be given by an ADMIN only', 'role'))
  }
  return { user: { username, email: person.email, fullName: person.fullName, role, permissions }, problems }
}
