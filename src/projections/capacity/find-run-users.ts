import type { Reader } from '../list.js'

const FIND = `
  SELECT name, CASE kind WHEN 'SSH' THEN login_user || allowed_run_users ELSE '{}' END AS users
  FROM machine WHERE name = ANY($1::text[]) AND removed_at IS NULL`

/** Whom tasks may run as on the machines that there are among these names: over SSH the login and whom else it allows. */
export async function findRunUsers(
  db: Reader,
  machines: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { rows } = await db.query<{ name: string; users: string[] }>(FIND, [machines])
  return new Map(rows.map(({ name, users }) => [name, new Set(users)]))
}
