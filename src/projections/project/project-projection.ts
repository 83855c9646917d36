import type { ProjectEvent } from '../../domain/project/project.js'
import { type AppliedEvent, type Projection, userOf } from '../projection.js'

const INSERT_PROJECTS = `
  INSERT INTO project (id, version, name, description, created_by, created_at, updated_at, archived_at)
  SELECT id, version, name, description, created_by, created_at, at, archived_at
  FROM json_to_recordset($1::json) AS p(id text, version integer, name text, description text, created_by text,
    created_at timestamptz, at timestamptz, archived_at timestamptz)`

const GRANT_ROLES = `
  INSERT INTO project_member (project_id, user_id, role, granted_at)
  SELECT id, user_id, role, at FROM json_to_recordset($1::json) AS g(id text, user_id text, role text, at timestamptz)
  ON CONFLICT (user_id, project_id) DO UPDATE SET role = excluded.role, granted_at = excluded.granted_at`

const REVOKE_ROLES = `
  DELETE FROM project_member m USING json_to_recordset($1::json) AS r(id text, user_id text)
  WHERE m.user_id = r.user_id AND m.project_id = r.id`

const CHANGE_PROJECTS = `
  UPDATE project SET version = c.version, updated_at = c.at, name = coalesce(c.name, project.name),
    description = coalesce(c.description, project.description),
    archived_at = coalesce(c.archived_at, project.archived_at)
  FROM json_to_recordset($1::json)
    AS c(id text, version integer, at timestamptz, name text, description text, archived_at timestamptz)
  WHERE project.id = c.id`

/** Projects and who has which role in them. */
export const projectProjection: Projection = {
  name: 'projects',
  tables: ['project', 'project_member'],
  statements(events) {
    const mine = events.filter((event) => event.type.startsWith('Project'))
    if (mine.length === 0) return []
    const { granted, revoked } = membersOf(mine)
    const rows = rowsOf(mine)
    // A name that one project gives up may be another's in the same batch.
    return [
      { text: CHANGE_PROJECTS, values: [JSON.stringify(rows.filter(({ isNew }) => !isNew))] },
      { text: INSERT_PROJECTS, values: [JSON.stringify(rows.filter(({ isNew }) => isNew))] },
      { text: GRANT_ROLES, values: [JSON.stringify(granted)] },
      { text: REVOKE_ROLES, values: [JSON.stringify(revoked)] },
    ]
  },
}

/** What each member's last event leaves: one write per row. */
function membersOf(events: readonly AppliedEvent[]): { granted: object[]; revoked: object[] } {
  const granted = new Map<string, object>()
  const revoked = new Map<string, object>()
  for (const applied of events) {
    const event = applied as unknown as ProjectEvent
    if (event.type !== 'ProjectRoleGranted' && event.type !== 'ProjectRoleRevoked') continue
    const member = { id: applied.streamId, user_id: event.data.userId }
    const key = `${member.id}/${member.user_id}`
    granted.delete(key)
    revoked.delete(key)
    if (event.type === 'ProjectRoleRevoked') revoked.set(key, member)
    else granted.set(key, { ...member, role: event.data.role, at: applied.recordedAt })
  }
  return { granted: [...granted.values()], revoked: [...revoked.values()] }
}

/** One write per project: what each event changes, a later one over an earlier one. */
function rowsOf(events: readonly AppliedEvent[]): Row[] {
  const rows = new Map<string, Row>()
  for (const applied of events) {
    const { streamId: id, version, recordedAt: at } = applied
    rows.set(id, { isNew: false, ...rows.get(id), ...changeOf(applied), id, version, at })
  }
  return [...rows.values()]
}

type Row = Change & { readonly id: string; readonly version: number; readonly at: Date }

/** Columns of a project, and whether its row is new. */
interface Change {
  readonly isNew?: boolean
  readonly name?: string
  readonly description?: string
  readonly created_by?: string | null
  readonly created_at?: Date
  readonly archived_at?: Date
}

function changeOf(applied: AppliedEvent): Change {
  const event = applied as unknown as ProjectEvent
  switch (event.type) {
    case 'ProjectCreated':
      return { isNew: true, ...event.data, created_by: userOf(applied.actor), created_at: applied.recordedAt }
    case 'ProjectRenamed':
    case 'ProjectDescribed':
      return event.data
    case 'ProjectArchived':
      return { archived_at: applied.recordedAt }
    default:
      return {}
  }
}
