import type { Engine } from '../../domain/dag/action.js'
import type { TemplateDefinition } from '../../domain/dag/definition.js'
import type { TemplateId } from '../../domain/ids.js'
import type { JsonObject } from '../../domain/json.js'
import type { List, Reader } from '../list.js'

/** One version of a template. */
export interface TemplateRow {
  readonly id: TemplateId
  readonly name: string
  readonly version: number
  readonly engine: Engine
  readonly taskType: string | null
  readonly description: string | null
  readonly definition: TemplateDefinition
  readonly parametersSchema: JsonObject
  readonly checksum: string
  readonly createdById: string | null
  readonly createdAt: Date
}

const COLUMNS = `t.id, t.name, t.version, t.engine, t.task_type AS "taskType", t.description, t.definition,
    t.parameters_schema AS "parametersSchema", t.checksum, t.created_by AS "createdById", t.created_at AS "createdAt"`

/** The latest version of each template, by name; all of one parent, the name. */
export const TEMPLATE_LIST: List = {
  select: COLUMNS,
  from: 'template t',
  parent: 't.name',
  conditions: [
    { sql: 'NOT EXISTS (SELECT FROM template n WHERE n.name = t.name AND n.version > t.version)', values: [] },
  ],
  key: [{ sql: 't.name', cast: 'text' }],
  direction: 'ASC',
}

const GET = `SELECT ${COLUMNS} FROM template t WHERE t.id = ANY($1::text[])`

const FIND = `
  SELECT wanted.reference, found.* FROM unnest($1::text[], $2::text[], $3::integer[]) AS wanted(reference, name, version)
  CROSS JOIN LATERAL (
    SELECT ${COLUMNS} FROM template t
    WHERE t.name = wanted.name AND (wanted.version IS NULL OR t.version = wanted.version)
    ORDER BY t.version DESC LIMIT 1) AS found`

const VERSIONS = `
  SELECT versions.* FROM unnest($1::text[]) AS wanted(name)
  CROSS JOIN LATERAL (
    SELECT ${COLUMNS} FROM template t WHERE t.name = wanted.name ORDER BY t.version DESC LIMIT $2::integer) AS versions`

const SCHEMAS = `SELECT id, name, version, parameters_schema AS schema FROM template WHERE id = ANY($1::text[])`

/** Those of the versions that exist, in no order. */
export async function getTemplates(db: Reader, ids: readonly string[]): Promise<TemplateRow[]> {
  return (await db.query<TemplateRow>({ name: 'get-templates', text: GET, values: [ids] })).rows
}

/** What references lead to, by reference; those that lead nowhere are left out. Without a version: the latest. */
export async function findTemplates(
  db: Reader,
  wanted: readonly { readonly reference: string; readonly name: string; readonly version: number | null }[],
): Promise<Map<string, TemplateRow>> {
  if (wanted.length === 0) return new Map()
  const values = [
    wanted.map(({ reference }) => reference),
    wanted.map(({ name }) => name),
    wanted.map(({ version }) => version),
  ]
  const { rows } = await db.query<TemplateRow & { reference: string }>({ text: FIND, values })
  return new Map(rows.map(({ reference, ...row }) => [reference, row]))
}

/** The versions of templates, by name, newest first, at most so many of each. */
export async function getTemplateVersions(
  db: Reader,
  names: readonly string[],
  limit: number,
): Promise<Map<string, TemplateRow[]>> {
  const { rows } = await db.query<TemplateRow>({ text: VERSIONS, values: [names, limit] })
  const versions = new Map<string, TemplateRow[]>(names.map((name) => [name, []]))
  for (const row of rows) versions.get(row.name)?.push(row)
  for (const list of versions.values()) list.sort((a, b) => b.version - a.version)
  return versions
}

/** What templates take, by id, and what they are called. */
export async function getTemplateSchemas(
  db: Reader,
  ids: readonly string[],
): Promise<Map<string, { readonly name: string; readonly version: number; readonly schema: JsonObject }>> {
  if (ids.length === 0) return new Map()
  const { rows } = await db.query<{ id: string; name: string; version: number; schema: JsonObject }>({
    text: SCHEMAS,
    values: [ids],
  })
  return new Map(rows.map(({ id, ...row }) => [id, row]))
}
