import type { TemplatePublished } from '../../domain/template/template.js'
import { columns, type Projection, userOf } from '../projection.js'

const INSERT = `
  INSERT INTO template (id, name, version, engine, task_type, description, definition, parameters_schema, checksum, created_by,
    created_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::json[], $8::json[],
    $9::text[], $10::text[], $11::timestamptz[])`

/** Every version of every template. */
export const templateProjection: Projection = {
  name: 'templates',
  tables: ['template'],
  statements(events) {
    const rows = events.flatMap((event) =>
      event.type === 'TemplatePublished' ? [{ event, data: event.data as TemplatePublished }] : [],
    )
    if (rows.length === 0) return []
    const values = columns(
      rows,
      ({ event }) => event.streamId,
      ({ data }) => data.name,
      ({ data }) => data.version,
      ({ data }) => data.engine,
      ({ data }) => data.taskType,
      ({ data }) => data.description,
      ({ data }) => JSON.stringify(data.definition),
      ({ data }) => JSON.stringify(data.parametersSchema),
      ({ data }) => data.checksum,
      ({ event }) => userOf(event.actor),
      ({ event }) => event.recordedAt,
    )
    return [{ name: 'insert-templates', text: INSERT, values }]
  },
}
