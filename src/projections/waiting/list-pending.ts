import { keysetSql, type Page } from '../../platform/keyset.js'
import type { Reader } from '../list.js'
import { INSTANCE_COLUMNS, type InstanceRow } from '../run/instance-row.js'

/** An instance that waits, with its place among those that wait. */
export interface PendingRow extends InstanceRow {
  /** `rankOf` in ISO 8601, to the microsecond. */
  readonly rank: string
}

/** Whose waiting instances: all of a queue, or those that ask for a machine by name. */
export type Waiting = 'queue' | 'machine'

const KEY = [
  { sql: 'e.rank', cast: 'timestamptz' },
  { sql: 'e.instance_id', cast: 'text' },
] as const

/**
 * The lanes are found by hopping over their index, as claiming does, and each gives its first rows in the order of the
 * index: the cost follows the number of lanes and the page, not that of the waiting.
 */
export const LANES = `
  WITH RECURSIVE lane AS (
    (SELECT queue, project_id, placement, cpu, memory_bytes FROM queue_entry WHERE NOT is_held
     ORDER BY queue, project_id, placement, cpu, memory_bytes LIMIT 1)
    UNION ALL
    SELECT next.* FROM lane CROSS JOIN LATERAL (
      SELECT e.queue, e.project_id, e.placement, e.cpu, e.memory_bytes FROM queue_entry e
      WHERE NOT e.is_held AND (e.queue, e.project_id, e.placement, e.cpu, e.memory_bytes) >
        (lane.queue, lane.project_id, lane.placement, lane.cpu, lane.memory_bytes)
      ORDER BY e.queue, e.project_id, e.placement, e.cpu, e.memory_bytes LIMIT 1) next
  )`

/**
 * The same page of what waits for each queue or machine (by name), next in line first, in the projects (null: in any).
 * What belongs to a paused run is left out: it is not in line.
 */
export async function readPending(
  db: Reader,
  of: Waiting,
  names: readonly string[],
  projects: readonly string[] | null,
  page: Page,
): Promise<Map<string, PendingRow[]>> {
  const keyset = keysetSql(KEY, 'ASC', page, 3)
  const text = `${LANES}
    SELECT parent.name AS "parentName", head.* FROM unnest($1::text[]) AS parent(name)
    CROSS JOIN LATERAL (
      SELECT to_char(waiting.rank AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS rank, ${INSTANCE_COLUMNS} FROM lane CROSS JOIN LATERAL (
        SELECT e.rank, e.instance_id FROM queue_entry e
        WHERE NOT e.is_held AND e.queue = lane.queue AND e.project_id = lane.project_id
          AND e.placement = lane.placement AND e.cpu = lane.cpu AND e.memory_bytes = lane.memory_bytes AND ${keyset.where}
        ORDER BY ${keyset.orderBy} LIMIT ${keyset.limit}) AS waiting
      JOIN instance i ON i.id = waiting.instance_id
      WHERE lane.${of === 'queue' ? 'queue' : 'placement'} = parent.name
        AND ($2::text[] IS NULL OR lane.project_id = ANY($2::text[]))
      ORDER BY waiting.rank, waiting.instance_id LIMIT ${keyset.limit}) AS head
    ORDER BY "parentName", head.rank, head.id`
  const values = [names, projects, ...keyset.values]
  const { rows } = await db.query<PendingRow & { parentName: string }>({ text, values })
  const pages = new Map<string, PendingRow[]>(names.map((name) => [name, []]))
  for (const row of rows) pages.get(row.parentName)?.push(row)
  return pages
}

/** How many wait for each, counted up to `max + 1`. */
export async function countPending(
  db: Reader,
  of: Waiting,
  names: readonly string[],
  projects: readonly string[] | null,
  max: number,
): Promise<Map<string, number>> {
  const text = `SELECT parent.name, counted.count FROM unnest($1::text[]) AS parent(name)
    CROSS JOIN LATERAL (SELECT count(*) AS count FROM (SELECT FROM queue_entry e
      WHERE NOT e.is_held AND e.${of === 'queue' ? 'queue' : 'placement'} = parent.name
        AND ($2::text[] IS NULL OR e.project_id = ANY($2::text[])) LIMIT ${max + 1}) AS part) AS counted`
  const { rows } = await db.query<{ name: string; count: number }>({ text, values: [names, projects] })
  return new Map(rows.map(({ name, count }) => [name, count]))
}
