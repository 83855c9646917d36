import DataLoader from 'dataloader'
import { getSessions, getUsers, type UserRow } from '../../access/list-people.js'
import type { Session } from '../../access/sessions.js'
import type { Context } from '../context.js'

/** The user, for anyone who is signed in; all that one step of an operation asks for come in one statement. */
export function loadUser(id: string, context: Context): Promise<UserRow | null> {
  const { database } = context.services
  const load = async (ids: readonly string[]) => inOrder(ids, await getUsers(database, ids))
  return context.loaders.get('users', () => new DataLoader(load)).load(id)
}

/** The session, if the viewer may see it. */
export function loadSession(id: string, context: Context): Promise<Session | null> {
  const { database } = context.services
  const load = async (ids: readonly string[]) => inOrder(ids, await getSessions(database, ids, context.viewer))
  return context.loaders.get('sessions', () => new DataLoader(load)).load(id)
}

function inOrder<Row extends { readonly id: string }>(ids: readonly string[], rows: readonly Row[]): (Row | null)[] {
  const found = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => found.get(id) ?? null)
}
