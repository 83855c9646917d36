import { PERMISSIONS } from '../domain/user/user.js'

/**
 * What an API token may be made for; it never may more than its user. The closed list: reading, the work of a project,
 * and each permission of the platform. What has no scope needs a session: a token makes no tokens.
 */
export const SCOPES = ['read', 'runs', 'dags', 'projects', ...PERMISSIONS] as const
export type Scope = (typeof SCOPES)[number]

/** The scopes by their names, each once; the names that are none. */
export function scopesOf(names: readonly string[]): { scopes: Scope[]; unknown: string[] } {
  const known: readonly string[] = SCOPES
  const asked = new Set(names)
  return {
    scopes: SCOPES.filter((name) => asked.has(name)),
    unknown: [...asked].filter((name) => !known.includes(name)),
  }
}
