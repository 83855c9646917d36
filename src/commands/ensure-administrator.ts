import { randomBytes } from 'node:crypto'
import { DatabaseError } from 'pg'
import type { Access } from '../access/access.js'
import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import { newId } from '../platform/ids.js'
import type { CommandBus } from './command-bus.js'
import { createUser } from './create-user.js'

/** What making the first administrator takes. */
export interface AdministratorDependencies {
  readonly database: Database
  readonly bus: CommandBus
  readonly clock: Clock
  readonly access: Access
}

const EXISTS = `SELECT EXISTS (SELECT FROM app_user WHERE role = 'ADMIN') AS "isThere"`

/**
 * Makes the user `admin` with the role ADMIN unless somebody has that role. Answers the password when it was generated
 * here, to be shown once; null when one was given or nothing was to do. Several servers may do it at once.
 */
export async function ensureAdministrator(
  dependencies: AdministratorDependencies,
  password: string | null,
): Promise<string | null> {
  const { database, bus, clock, access } = dependencies
  const [row] = await database.query<{ isThere: boolean }>(EXISTS)
  if (row?.isThere === true) return null
  const chosen = password ?? randomBytes(12).toString('base64url')
  const passwordHash = await access.hashPassword(chosen)
  const admin = {
    username: 'admin',
    passwordHash,
    email: null,
    fullName: null,
    role: 'ADMIN',
    permissions: [],
  } as const
  const cause = { id: newId('command'), actor: 'system', correlationId: null, causationId: null, once: null } as const
  const { streamId, command, beside } = createUser(admin, clock.now())
  try {
    await bus.execute({ ...command, ...cause, streamId, beside } as Parameters<CommandBus['execute']>[0])
  } catch (error) {
    // Another server was first.
    if (error instanceof DatabaseError && error.constraint === 'person_username') return null
    throw error
  }
  return password === null ? chosen : null
}
