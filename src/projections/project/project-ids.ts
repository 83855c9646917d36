import type { Reader } from '../list.js'

/** Every project there is, for lists that are merged from a part for each. */
export async function getAllProjectIds(db: Reader): Promise<string[]> {
  return (await db.query<{ id: string }>('SELECT id FROM project')).rows.map(({ id }) => id)
}
