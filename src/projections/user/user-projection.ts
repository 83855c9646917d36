import type { UserEvent } from '../../domain/user/user.js'
import type { AppliedEvent, Projection } from '../projection.js'

const INSERT_USERS = `
  INSERT INTO app_user (id, version, role, permissions, is_active, created_at, updated_at)
  SELECT id, version, role, ARRAY(SELECT json_array_elements_text(permissions)), true, at, at
  FROM json_to_recordset($1::json) AS u(id text, version integer, role text, permissions json, at timestamptz)`

const CHANGE_USERS = `
  UPDATE app_user SET version = c.version, updated_at = c.at, role = coalesce(c.role, app_user.role),
    permissions = CASE WHEN c.permissions IS NULL THEN app_user.permissions
      ELSE ARRAY(SELECT json_array_elements_text(c.permissions)) END,
    is_active = coalesce(c.is_active, app_user.is_active)
  FROM json_to_recordset($1::json)
    AS c(id text, version integer, role text, permissions json, is_active boolean, at timestamptz)
  WHERE app_user.id = c.id`

/** What a user may do; who the user is stands in `person`, which is no projection. */
export const userProjection: Projection = {
  name: 'users',
  tables: ['app_user'],
  statements(events) {
    const mine = events.filter(({ type }) => type.startsWith('User'))
    if (mine.length === 0) return []
    return [
      { text: INSERT_USERS, values: [JSON.stringify(mine.flatMap(userOf))] },
      { text: CHANGE_USERS, values: [JSON.stringify(changesOf(mine))] },
    ]
  },
}

function userOf(applied: AppliedEvent) {
  const event = applied as unknown as UserEvent
  if (event.type !== 'UserCreated') return []
  const { role, permissions } = event.data
  return [{ id: applied.streamId, version: applied.version, role, permissions, at: applied.recordedAt }]
}

/** One write per user: what each event changes, a later one over an earlier one. */
function changesOf(events: readonly AppliedEvent[]) {
  const changes = new Map<string, object>()
  for (const applied of events) {
    const event = applied as unknown as UserEvent
    if (event.type === 'UserCreated') continue
    const { streamId: id, version, recordedAt: at } = applied
    changes.set(id, { ...changes.get(id), ...changeOf(event), id, version, at })
  }
  return [...changes.values()]
}

function changeOf(event: UserEvent): object {
  switch (event.type) {
    case 'UserRightsChanged':
      return { role: event.data.role, permissions: event.data.permissions }
    case 'UserActivated':
      return { is_active: true }
    case 'UserDeactivated':
      return { is_active: false }
    case 'UserErased':
      return { is_active: false, role: 'USER', permissions: [] }
    default:
      return {}
  }
}
