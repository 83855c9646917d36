import type { Database } from '../platform/database.js'

const SEEING = `
  SELECT p.user_id AS "userId", p.email FROM person p JOIN app_user u ON u.id = p.user_id
  WHERE p.user_id = ANY($1::text[]) AND u.is_active AND (u.role = 'ADMIN' OR $2::text = 'capacity'
    OR EXISTS (SELECT FROM project_member m WHERE m.user_id = p.user_id AND m.project_id = $2::text))`

/**
 * Of the users those who may be written to about something: active, and of those who may see it. `audience`: a project's
 * id, `capacity` for whoever is signed in, `platform` for administrators. Their addresses by id; null where one has none.
 */
export async function readRecipients(
  database: Database,
  userIds: readonly string[],
  audience: string,
): Promise<Map<string, string | null>> {
  if (userIds.length === 0) return new Map()
  const query = { name: 'read-recipients', text: SEEING, values: [userIds, audience] }
  const rows = await database.query<{ userId: string; email: string | null }>(query)
  return new Map(rows.map(({ userId, email }) => [userId, email]))
}
