import DataLoader from 'dataloader'
import { type ApiTokenRow, getApiTokens } from '../../access/api-tokens.js'
import { getSessions, getTokenUsers, getUsers, type UserRow } from '../../access/list-people.js'
import type { Session } from '../../access/sessions.js'
import type { Context } from '../context.js'

/**
 * The user, for anyone who is signed in; the id of an API token leads to its user. All that one step of an operation asks
 * for come in one statement.
 */
export function loadUser(id: string, context: Context): Promise<UserRow | null> {
  const { database } = context.services
  const load = async (ids: readonly string[]): Promise<(UserRow | null)[]> => {
    const users = await getTokenUsers(
      database,
      ids.filter((each) => each.startsWith('apitoken_')),
    )
    const userIds = ids.map((each) => users.get(each) ?? each)
    return inOrder(userIds, await getUsers(database, [...new Set(userIds)]))
  }
  return context.loaders.get('users', () => new DataLoader(load)).load(id)
}

/** The session, if the viewer may see it. */
export function loadSession(id: string, context: Context): Promise<Session | null> {
  const { database } = context.services
  const load = async (ids: readonly string[]) => inOrder(ids, await getSessions(database, ids, context.viewer))
  return context.loaders.get('sessions', () => new DataLoader(load)).load(id)
}

/** The token, if the viewer may see it. */
export function loadApiToken(id: string, context: Context): Promise<ApiTokenRow | null> {
  const { database } = context.services
  const load = async (ids: readonly string[]) => inOrder(ids, await getApiTokens(database, ids, context.viewer))
  return context.loaders.get('apiTokens', () => new DataLoader(load)).load(id)
}

function inOrder<Row extends { readonly id: string }>(ids: readonly string[], rows: readonly Row[]): (Row | null)[] {
  const found = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => found.get(id) ?? null)
}
