import type { Scope } from '../../../src/access/scopes.js'
import { PROJECT_ROLES, type ProjectRole } from '../../../src/domain/project/project.js'
import { PERMISSIONS } from '../../../src/domain/user/user.js'
import { ADMIN_PASSWORD } from '../api.js'
import type { Flow } from '../flow.js'
import type { Caller } from './rights.js'

/** Somebody who can sign in, with a session and an API token to read. */
export interface Person {
  readonly id: string
  readonly name: string
  readonly token: string
}

export async function personOf(f: Flow, name: string, more: object = {}): Promise<Person> {
  const input = { username: name, password: ADMIN_PASSWORD, ...more }
  const { user } = await f.change('createUser', 'CreateUserInput', input, 'user { id }')
  return { id: user.id, name, token: await f.tokenOf(name) }
}

/** An API token's secret. */
export async function tokenFor(f: Flow, owner: string, scopes: readonly Scope[]): Promise<string> {
  const input = { name: scopes.join('-'), scopes, expiresAt: '2999-01-01T00:00:00Z' }
  return (await f.change('createApiToken', 'CreateApiTokenInput', input, 'secret', owner)).secret
}

/**
 * Every kind of caller: nobody, who is a member of nothing, each role in the scene of that name, each permission, an
 * ADMIN, and tokens of the owner and the ADMIN with some of the scopes, with and without the one to read.
 */
export async function callersOf(f: Flow, owner: Person, scene: string, projectId: string): Promise<Caller[]> {
  const none = { role: null, permission: null, isAdmin: false, scopes: null }
  const stranger = await personOf(f, 'stranger')
  const callers: Caller[] = [
    { ...none, name: 'anonymous', userId: '', token: null },
    { ...none, name: 'stranger', userId: stranger.id, token: stranger.token },
  ]
  const member = (name: ProjectRole, { id, token }: Pick<Person, 'id' | 'token'>) =>
    callers.push({ ...none, name, userId: id, token, role: { name, scene } })
  for (const role of PROJECT_ROLES.filter((each) => each !== 'OWNER')) {
    const person = await personOf(f, role.toLowerCase())
    const input = { projectId, userId: person.id, role }
    await f.change('grantProjectRole', 'GrantProjectRoleInput', input, '__typename', owner.token)
    member(role, person)
  }
  member('OWNER', owner)
  for (const permission of PERMISSIONS) {
    const { id, token } = await personOf(f, `may-${permission}`, { permissions: [permission] })
    callers.push({ ...none, name: permission, userId: id, token, permission })
  }
  const { viewer } = await f.get('{ viewer { id } }')
  const admin = { ...none, userId: viewer.id, isAdmin: true }
  callers.push({ ...admin, name: 'ADMIN', token: f.admin })
  const ofOwner = { ...none, userId: owner.id, role: { name: 'OWNER', scene } as const }
  for (const scopes of [['read'], ['read', 'runs'], ['dags', 'projects']] as const) {
    callers.push({ ...ofOwner, name: `OWNER's ${scopes}`, scopes, token: await tokenFor(f, owner.token, scopes) })
  }
  for (const scopes of [['read'], ['audit', 'users']] as const) {
    callers.push({ ...admin, name: `ADMIN's ${scopes}`, scopes, token: await tokenFor(f, f.admin, scopes) })
  }
  return callers
}
