import { permissionsOf, personProblems } from '../../access/person-rules.js'
import type { Viewer } from '../../access/viewer.js'
import type { NewUser } from '../../commands/create-user.js'
import { type UserError, userErrorsOf } from '../user-error.js'
import type { CreateUserInput } from './user.input.js'
import { rightsProblems } from './user-changes.js'

/** The user that the input describes, and everything that is wrong with it. Nobody gives rights that they lack. */
export function newUserProblems(
  input: CreateUserInput,
  viewer: Viewer,
): { user: Omit<NewUser, 'passwordHash'>; problems: UserError[] } {
  const { username, password } = input
  const person = { username, password, email: input.email ?? null, fullName: input.fullName ?? null }
  const given = { role: input.role ?? null, permissions: input.permissions ?? [] }
  const problems = [
    ...userErrorsOf({ rejections: personProblems(person) }),
    ...rightsProblems(viewer, given, { role: 'USER', permissions: [] }),
  ]
  const { permissions } = permissionsOf(given.permissions)
  const role = input.role ?? 'USER'
  return { user: { username, email: person.email, fullName: person.fullName, role, permissions }, problems }
}
