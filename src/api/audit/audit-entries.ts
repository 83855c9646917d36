import { type AuditQuery, type AuditRow, hasBefore, readAudit, readBefore } from '../../access/read-audit.js'
import type { Json, JsonObject } from '../../domain/json.js'
import type { Page } from '../../platform/keyset.js'
import type { Context } from '../context.js'
import type { AuditEntry, AuditFilter } from './audit.type.js'

/** What an id's first word stands for. */
const TYPES: { readonly [prefix: string]: string } = {
  user: 'User',
  session: 'Session',
  apitoken: 'ApiToken',
  project: 'Project',
  dag: 'Dag',
  run: 'Run',
  instance: 'Instance',
  queue: 'Queue',
  pool: 'Pool',
  machine: 'Machine',
  template: 'Template',
  backfill: 'Backfill',
  backup: 'Backup',
  sla: 'Sla',
}
const OTHER = 'Access'

/** The filter as it is asked; null: nothing is of that kind. */
export function auditQuery(filter: AuditFilter): AuditQuery | null {
  const { entityType = null, ...rest } = filter
  if (entityType === null) return rest
  const prefix = Object.entries(TYPES).find(([, name]) => name === entityType)?.[0]
  return prefix === undefined ? null : { ...rest, entityPrefix: prefix }
}

/** A page of entries, with what was before. */
export async function auditEntries(context: Context, query: AuditQuery, page: Page): Promise<AuditEntry[]> {
  const { database } = context.services
  const rows = await readAudit(database, query, page)
  const changes = rows.filter(hasBefore)
  const before = new Map((await readBefore(database, changes)).map((each, index) => [changes[index], each]))
  return rows.map((row) => entryOf(row, before.get(row) ?? null))
}

function entryOf(row: AuditRow, before: JsonObject | null): AuditEntry {
  const { position, accessId, action, entityId, outcome, errorMessage, ipAddress, actor, username, at } = row
  const isEvent = accessId === ''
  const details = isEvent
    ? { before: before === null ? null : shortened(before), after: shortened(row.details) }
    : row.details
  return {
    id: isEvent ? `audit_${position}` : accessId,
    position: isEvent ? Number(position) : null,
    action,
    entityType: TYPES[entityId?.slice(0, entityId.lastIndexOf('_')) ?? ''] ?? OTHER,
    entityId,
    details,
    outcome,
    errorMessage,
    ipAddress,
    createdAt: at,
    actor,
    typed: username,
    accessId,
  }
}

const MAX_VALUE = 2_000

/** A DAG's source has a place of its own. */
function shortened(values: JsonObject): JsonObject {
  const short = Object.entries(values).map(([key, value]): [string, Json] => {
    const length = JSON.stringify(value).length
    return [key, length <= MAX_VALUE ? value : `(${length} characters)`]
  })
  return Object.fromEntries(short)
}
