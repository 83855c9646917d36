import type { ProjectEvent } from '../../domain/project/project.js'
import { type AppliedEvent, type Projection, userOf } from '../projection.js'

const INSERT_PROJECTS = `
  INSERT INTO project (id, version, name, description, created_by, created_at, updated_at)
  SELECT id, version, name, description, created_by, at, at
  FROM json_to_recordset($1::json)
    AS p(id text, version integer, name text, description text, created_by text, at timestamptz)`

const GRANT_ROLES = `
  INSERT INTO project_member (project_id, user_id, role, granted_at)
  SELECT id, user_id, role, at FROM json_to_recordset($1::json) AS g(id text, user_id text, role text, at timestamptz)
  ON CONFLICT (user_id, project_id) DO UPDATE SET role = excluded.role, granted_at = excluded.granted_at`

const TOUCH_PROJECTS = `
  UPDATE project SET version = t.version, updated_at = t.at
  FROM json_to_recordset($1::json) AS t(id text, version integer, at timestamptz)
  WHERE project.id = t.id`

/** Projects and who has which role in them. */
export const projectProjection: Projection = {
  name: 'projects',
  tables: ['project', 'project_member'],
  statements(events) {
    const mine = events.filter((event) => event.type.startsWith('Project'))
    if (mine.length === 0) return []
    const latest = new Map(
      mine.map(({ streamId, version, recordedAt }) => [streamId, { id: streamId, version, at: recordedAt }]),
    )
    return [
      { text: INSERT_PROJECTS, values: [JSON.stringify(mine.flatMap(projectOf))] },
      { text: GRANT_ROLES, values: [JSON.stringify(grantsOf(mine))] },
      { text: TOUCH_PROJECTS, values: [JSON.stringify([...latest.values()])] },
    ]
  },
}

function projectOf(applied: AppliedEvent) {
  const event = applied as unknown as ProjectEvent
  if (event.type !== 'ProjectCreated') return []
  const { streamId: id, version, recordedAt: at, actor } = applied
  return [{ id, version, ...event.data, created_by: userOf(actor), at }]
}

/** The last grant of each member: one write per row. */
function grantsOf(events: readonly AppliedEvent[]) {
  const grants = new Map<string, object>()
  for (const applied of events) {
    const event = applied as unknown as ProjectEvent
    if (event.type !== 'ProjectRoleGranted') continue
    const { userId, role } = event.data
    grants.set(`${applied.streamId}/${userId}`, { id: applied.streamId, user_id: userId, role, at: applied.recordedAt })
  }
  return [...grants.values()]
}
