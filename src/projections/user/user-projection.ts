import type { UserEvent } from '../../domain/user/user.js'
import type { Projection } from '../projection.js'

const INSERT_USERS = `
  INSERT INTO app_user (id, version, role, permissions, is_active, created_at, updated_at)
  SELECT id, version, role, ARRAY(SELECT json_array_elements_text(permissions)), true, at, at
  FROM json_to_recordset($1::json) AS u(id text, version integer, role text, permissions json, at timestamptz)`

/** What a user may do; who the user is stands in `person`, which is no projection. */
export const userProjection: Projection = {
  name: 'users',
  tables: ['app_user'],
  statements(events) {
    const rows = events.flatMap((applied) => {
      if (applied.type !== 'UserCreated') return []
      const { role, permissions } = applied.data as UserEvent['data']
      return [{ id: applied.streamId, version: applied.version, role, permissions, at: applied.recordedAt }]
    })
    return rows.length === 0 ? [] : [{ text: INSERT_USERS, values: [JSON.stringify(rows)] }]
  },
}
