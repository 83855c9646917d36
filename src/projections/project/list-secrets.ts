import type { Database } from '../../platform/database.js'

/** A secret as everybody in the project may know it. */
export interface SecretRow {
  readonly projectId: string
  readonly name: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

const LIST = `
  SELECT project_id AS "projectId", name, created_at AS "createdAt", updated_at AS "updatedAt" FROM secret
  WHERE project_id = ANY($1::text[]) ORDER BY project_id, name`

/** The secrets of these projects by name, without their values; a project has at most 1,000. */
export function listSecrets(database: Database, projectIds: readonly string[]): Promise<SecretRow[]> {
  return database.query<SecretRow>({ name: 'list-secrets', text: LIST, values: [projectIds] })
}
