import { type Action, type Need, POLICY } from '../../../src/access/policy.js'
import type { Scope } from '../../../src/access/scopes.js'
import { PROJECT_ROLES, type ProjectRole } from '../../../src/domain/project/project.js'
import type { Scene } from './scene.js'

/** Who asks. */
export interface Caller {
  readonly name: string
  readonly userId: string
  /** Null: nobody is signed in. */
  readonly token: string | null
  /** In the scene of that name. */
  readonly role: { readonly name: ProjectRole; readonly scene: string } | null
  readonly permission: string | null
  readonly isAdmin: boolean
  /** Of an API token; null for a session. */
  readonly scopes: readonly Scope[] | null
}

export type Verdict = 'allowed' | 'hidden' | 'FORBIDDEN' | 'UNAUTHENTICATED' | (string & {})

/** As it is written: a test that changes a row of the policy does not change what is expected. */
const WRITTEN: Readonly<Record<Action, Need>> = structuredClone(POLICY)

/** What `signedIn` says. */
export const READ: Need = { kind: 'SIGNED_IN', scope: 'read' }

/** What the rule of a field takes; null: nothing. */
export function needOf(rule: string | undefined): Need | null {
  if (rule === 'public') return null
  if (rule === 'signedIn') return READ
  const need = rule?.startsWith('action:') ? WRITTEN[rule.slice('action:'.length) as Action] : undefined
  if (need === undefined) throw new Error(`The matrix does not know the rule ${rule}`)
  return need
}

function hasScope({ scopes }: Caller, scope: Scope | null): boolean {
  return scopes === null || (scope !== null && scopes.includes(scope))
}

/** Whether the caller is a member of the scene's project, or an ADMIN. */
export function sees({ isAdmin, role }: Caller, { name }: Scene): boolean {
  return isAdmin || role?.scene === name
}

/** Whether the caller may see the sessions and tokens of the scene's owner. */
export function seesCredentials(caller: Caller, { ids }: Scene): boolean {
  return caller.userId === ids.User || managesUsers(caller)
}

export function managesUsers(caller: Caller): boolean {
  return hasScope(caller, 'users') && (caller.isAdmin || caller.permission === 'users')
}

/** What the need says of the caller, before anything is known of what is asked for. */
export function verdictFor(need: Need | null, caller: Caller): Verdict {
  if (need === null) return 'allowed'
  if (caller.token === null) return 'UNAUTHENTICATED'
  if (!hasScope(caller, need.scope)) return 'FORBIDDEN'
  if (need.kind === 'PERMISSION' && !caller.isAdmin && caller.permission !== need.permission) return 'FORBIDDEN'
  if (need.kind === 'ADMIN' && !caller.isAdmin) return 'FORBIDDEN'
  return 'allowed'
}

/** As verdictFor, of what is shown: that takes the scope to read, but for the audit log, which has one of its own. */
export function verdictShown(need: Need | null, caller: Caller): Verdict {
  const verdict = verdictFor(need ?? READ, caller)
  return verdict !== 'allowed' || need?.scope === 'audit' ? verdict : verdictFor(READ, caller)
}

/** As verdictFor, of something of the scene's project: it is hidden from who does not see it; a role in it counts. */
export function verdictIn(need: Need | null, caller: Caller, scene: Scene): Verdict {
  const verdict = verdictFor(need, caller)
  if (verdict !== 'allowed' || need === null) return verdict
  if (!sees(caller, scene)) return 'hidden'
  if (need.kind !== 'PROJECT_ROLE' || caller.isAdmin) return 'allowed'
  const held = caller.role?.name as ProjectRole
  return PROJECT_ROLES.indexOf(held) >= PROJECT_ROLES.indexOf(need.role) ? 'allowed' : 'FORBIDDEN'
}

/** What was answered: an error's code; `hidden` for what is said not to be there. */
// biome-ignore lint/suspicious/noExplicitAny: whatever was answered
export function verdictOf(errors: readonly any[], data: any): Verdict {
  const [error] = errors
  if (error !== undefined && !String(error.message).includes('idempotencyKey')) {
    const code = error.extensions?.code ?? 'no code'
    return code === 'NOT_FOUND' ? 'hidden' : code
  }
  const userErrors = data?.userErrors as { code: string; path: string[] }[] | undefined
  const isHidden = userErrors?.some(({ code, path }) => code === 'NOT_FOUND' && OF_SOMEBODY.test(path[0] ?? ''))
  return isHidden ? 'hidden' : 'allowed'
}

/** Arguments that lead to something of a project, and to a person's sessions and tokens. */
export const OF_PROJECT = /^(projectId|dagId|runId|instanceId|slaId|backfillId)$/
export const OF_CREDENTIALS = /^(sessionId|apiTokenId)$/
const OF_SOMEBODY = new RegExp(`${OF_PROJECT.source}|${OF_CREDENTIALS.source}`)
