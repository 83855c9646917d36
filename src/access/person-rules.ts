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
export function personProblems(input: PersonInput): Rejection[] {
  const { username, password, email, fullName } = input
  const problems: Rejection[] = []
  const refuse = (path: string, message: string) => problems.push({ code: 'INVALID', message, path: [path] })
  if (!USERNAME.test(username)) {
    refuse(
      'username',
      'Username must be 1 to 64 letters, digits, ".", "_", "@", "+" or "-", the first a letter or digit',
    )
  }
  const length = [...password].length
  if (length < MIN_PASSWORD || length > MAX_PASSWORD) {
    refuse('password', `Password must have ${MIN_PASSWORD} to ${MAX_PASSWORD} characters, given ${length}`)
  }
  if (email !== null && !EMAIL.test(email)) refuse('email', 'E-mail address must be like name@host')
  if (fullName !== null && (fullName.trim() === '' || fullName.length > MAX_NAME)) {
    refuse('fullName', `Full name must have 1 to ${MAX_NAME} characters, given ${fullName.length}`)
  }
  return problems
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
