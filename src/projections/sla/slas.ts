import type { Json, JsonObject } from '../../domain/json.js'
import type { List, Reader } from '../list.js'

export interface SlaRow {
  readonly id: string
  readonly name: string
  readonly projectId: string | null
  readonly dagId: string | null
  readonly taskKey: string | null
  readonly queueId: string | null
  readonly poolId: string | null
  readonly conditions: JsonObject
  readonly actions: readonly Json[]
  readonly priority: number
  readonly isEnabled: boolean
  /** Who made it or set it last, a user or a user's token: in whose name its actions are done. */
  readonly author: string
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly deletedAt: Date | null
}

const COLUMNS = `s.id, s.name, s.project_id AS "projectId", s.dag_id AS "dagId", s.task_key AS "taskKey",
    s.queue_id AS "queueId", s.pool_id AS "poolId", s.conditions, s.actions, s.priority, s.is_enabled AS "isEnabled",
    s.author, s.created_at AS "createdAt", s.updated_at AS "updatedAt", s.deleted_at AS "deletedAt"`

const NOT_DELETED = [{ sql: 's.deleted_at IS NULL', values: [] }]

function slaList(parent: string): List {
  const key = [{ sql: 's.name', cast: 'text' as const }]
  return { select: COLUMNS, from: 'sla s', parent, conditions: NOT_DELETED, key, direction: 'ASC' }
}

/** By name, of audiences. */
export const SLA_LIST = slaList('s.audience')
/** By name, of pools. */
export const POOL_SLA_LIST = slaList('s.pool_id')

const SEEN = '($2::text[] IS NULL OR s.audience = ANY($2::text[]))'

/** Those of the ids, deleted ones too: breaches still name them. Audiences: whose may be seen; null: all. */
export async function getSlas(
  db: Reader,
  ids: readonly string[],
  audiences: readonly string[] | null,
): Promise<SlaRow[]> {
  const text = `SELECT ${COLUMNS} FROM sla s WHERE s.id = ANY($1::text[]) AND ${SEEN}`
  return (await db.query<SlaRow>({ text, values: [ids, audiences] })).rows
}

/** The one of that name that is there. */
export async function findSla(db: Reader, name: string, audiences: readonly string[] | null): Promise<SlaRow | null> {
  const text = `SELECT ${COLUMNS} FROM sla s WHERE s.name = $1::text AND s.deleted_at IS NULL AND ${SEEN}`
  return (await db.query<SlaRow>({ text, values: [name, audiences] })).rows[0] ?? null
}

const ENABLED = `SELECT ${COLUMNS} FROM sla s WHERE s.is_enabled AND s.deleted_at IS NULL ORDER BY s.priority DESC, s.id`

/** All that are watched, the highest priority first. */
export async function enabledSlas(db: Reader): Promise<SlaRow[]> {
  return (await db.query<SlaRow>({ name: 'enabled-slas', text: ENABLED })).rows
}
