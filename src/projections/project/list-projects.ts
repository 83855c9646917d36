import type { ProjectId } from '../../domain/ids.js'
import type { ProjectRole } from '../../domain/project/project.js'
import type { Database } from '../../platform/database.js'
import { keysetSql, type Page } from '../../platform/keyset.js'

/** A project's row. */
export interface ProjectRow {
  readonly id: ProjectId
  readonly name: string
  readonly description: string
  readonly createdById: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly archivedAt: Date | null
}

/** Projects that may be seen: null is all of them. */
type Visible = readonly ProjectId[] | null

const PROJECT = `
  SELECT id, name, description, created_by AS "createdById", created_at AS "createdAt", updated_at AS "updatedAt",
    archived_at AS "archivedAt"
  FROM project WHERE ($1::text[] IS NULL OR id = ANY($1::text[]))`

/** Those of the projects that exist and are visible, in any order. */
export function getProjects(database: Database, ids: readonly string[], visible: Visible): Promise<ProjectRow[]> {
  const text = `${PROJECT} AND id = ANY($2::text[])`
  return database.query<ProjectRow>({ name: 'get-projects', text, values: [visible, ids] })
}

/** The visible project of that name. */
export async function findProject(database: Database, name: string, visible: Visible): Promise<ProjectRow | null> {
  const text = `${PROJECT} AND name = $2::text`
  const [row] = await database.query<ProjectRow>({ name: 'find-project', text, values: [visible, name] })
  return row ?? null
}

/** A page of the visible projects, by name. */
export function listProjects(database: Database, visible: Visible, page: Page): Promise<ProjectRow[]> {
  const columns = [{ sql: 'name', cast: 'text' as const }]
  const { where, orderBy, limit, values } = keysetSql(columns, 'ASC', page, 2)
  return database.query<ProjectRow>(`${PROJECT} AND ${where} ORDER BY ${orderBy} LIMIT ${limit}`, [visible, ...values])
}

/** How many projects are visible. */
export async function countProjects(database: Database, visible: Visible): Promise<number> {
  const text = 'SELECT count(*) AS count FROM project WHERE ($1::text[] IS NULL OR id = ANY($1::text[]))'
  const [row] = await database.query<{ count: number }>(text, [visible])
  return Number(row?.count)
}

/** Who has which role in a project. */
export interface MemberRow {
  readonly projectId: ProjectId
  readonly userId: string
  readonly role: ProjectRole
  readonly grantedAt: Date
}

const MEMBERS = `
  SELECT m.project_id AS "projectId", m.user_id AS "userId", m.role, m.granted_at AS "grantedAt"
  FROM unnest($1::text[]) AS p(id) CROSS JOIN LATERAL (
    SELECT * FROM project_member WHERE project_id = p.id ORDER BY granted_at, user_id LIMIT 1000) AS m
  ORDER BY m.granted_at, m.user_id`

/** The members of these projects, in the order in which they were granted their roles; at most 1,000 of each. */
export function listMembers(database: Database, projectIds: readonly string[]): Promise<MemberRow[]> {
  return database.query<MemberRow>({ name: 'list-members', text: MEMBERS, values: [projectIds] })
}
