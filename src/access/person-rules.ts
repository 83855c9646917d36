import type { Rejection } from '../domain/rejection.js'
import { PERMISSIONS, type Permission } from '../domain/user/user.js'

/** A person as somebody wants them to be; nulls are left empty. */
export interface PersonInput {
  readonly username: string
  readonly password: string
  readonly email: string | null
  readonly fullName: string | null
}

const USERNAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,190}$/
const MIN_PASSWORD = 8
const MAX_PASSWORD = 256
const MAX_NAME = 200

/** Everything that is wrong with a new person; none: nothing. Values of passwords are not repeated. */
export function personProblems({ username, password, email, fullName }: PersonInput): Rejection[] {
  const rule = 'must be 1 to 64 letters, digits, ".", "_", "@", "+" or "-", the first a letter or digit'
  return [
    ...(USERNAME.test(username) ? [] : [invalid('username', `Username ${rule}`)]),
    ...passwordProblems(password, 'password'),
    ...detailProblems({ email, fullName }),
  ]
}

/** What is wrong with a password; `path` is its place in the input. */
export function passwordProblems(password: string, path: string): Rejection[] {
  const length = [...password].length
  if (length >= MIN_PASSWORD && length <= MAX_PASSWORD) return []
  return [invalid(path, `Password must have ${MIN_PASSWORD} to ${MAX_PASSWORD} characters, given ${length}`)]
}

/** What is wrong with an address and a name; null is not looked at. */
export function detailProblems({ email, fullName }: Pick<PersonInput, 'email' | 'fullName'>): Rejection[] {
  const isEmailRight = email === null || EMAIL.test(email)
  const isNameRight = fullName === null || (fullName.trim() !== '' && fullName.length <= MAX_NAME)
  const rule = `Full name must have 1 to ${MAX_NAME} characters, given ${fullName?.length}`
  return [
    ...(isEmailRight ? [] : [invalid('email', 'E-mail address must be like name@host')]),
    ...(isNameRight ? [] : [invalid('fullName', rule)]),
  ]
}

function invalid(path: string, message: string): Rejection {
  return { code: 'INVALID', message, path: [path] }
}

/** The permissions by their names, each once; the names that are none. */
export function permissionsOf(names: readonly string[]): { permissions: Permission[]; unknown: string[] } {
  const known: readonly string[] = PERMISSIONS
  const asked = new Set(names)
  return {
    permissions: PERMISSIONS.filter((name) => asked.has(name)),
    unknown: [...asked].filter((name) => !known.includes(name)),
  }
}
