import type { JsonObject } from '../../domain/json.js'
import type { List, Reader } from '../list.js'

export interface SlaBreachRow {
  readonly id: string
  readonly slaId: string
  /** Who may see it: a project's id, `capacity` or `platform`. */
  readonly audience: string
  readonly subjectId: string
  readonly runId: string | null
  readonly instanceId: string | null
  readonly facts: JsonObject
  readonly breachedAt: Date
  readonly resolvedAt: Date | null
}

const COLUMNS = `b.id, b.sla_id AS "slaId", b.audience, b.subject_id AS "subjectId", b.run_id AS "runId",
    b.instance_id AS "instanceId", b.facts, b.breached_at AS "breachedAt", b.resolved_at AS "resolvedAt"`

/** The newest first; `isOpen`: those that are resolved, or that are not; null: all. */
export function breachList(parent: 'sla' | 'audience', isOpen: boolean | null): List {
  const open = isOpen === null ? [] : [{ sql: `b.resolved_at IS ${isOpen ? '' : 'NOT '}NULL`, values: [] }]
  return {
    select: COLUMNS,
    from: 'sla_breach b',
    parent: parent === 'sla' ? 'b.sla_id' : 'b.audience',
    conditions: open,
    key: [
      { sql: 'b.breached_at', cast: 'timestamptz' },
      { sql: 'b.id', cast: 'text' },
    ],
    direction: 'DESC',
  }
}

const GET = `
  SELECT ${COLUMNS} FROM sla_breach b
  WHERE b.id = ANY($1::text[]) AND ($2::text[] IS NULL OR b.audience = ANY($2::text[]))`

/** Those of the ids; audiences: whose may be seen; null: all. */
export async function getBreaches(
  db: Reader,
  ids: readonly string[],
  audiences: readonly string[] | null,
): Promise<SlaBreachRow[]> {
  return (await db.query<SlaBreachRow>({ text: GET, values: [ids, audiences] })).rows
}

const OPEN = `
  SELECT ${COLUMNS} FROM sla_breach b WHERE b.resolved_at IS NULL AND b.sla_id = ANY($1::text[])`

/** Every open breach of the SLAs. */
export async function openBreaches(db: Reader, slaIds: readonly string[]): Promise<SlaBreachRow[]> {
  return (await db.query<SlaBreachRow>({ name: 'open-breaches', text: OPEN, values: [slaIds] })).rows
}
