import type { ClientBase, Pool } from 'pg'
import type { Page } from '../platform/keyset.js'
import type { StoredEvent } from './event.js'
import { readStreamHeads } from './lock-streams.js'
import { EVENT_COLUMNS, type EventRow, eventOf } from './read-events.js'

/** Which events; every given part must hold. */
export interface EventQuery {
  readonly streamId?: string | null
  readonly dagId?: string | null
  readonly runId?: string | null
  readonly instanceId?: string | null
  readonly types?: readonly string[] | null
  readonly actor?: string | null
  readonly recordedFrom?: Date | null
  readonly recordedTo?: Date | null
  /** Up to this position. */
  readonly upTo?: number | null
  /** Of these projects only, so not of none; null: of any project, and of none. */
  readonly projects: readonly string[] | null
}

type Reader = Pick<ClientBase | Pool, 'query'>

/**
 * `page.limit + 1` events at most, oldest first (or, backward, newest first); a page's `from` is one position. Each way
 * in has its index: a stream's own, a DAG's, a project's, or the positions; several projects are merged.
 */
export async function readEventPage(db: Reader, query: EventQuery, page: Page): Promise<StoredEvent[]> {
  const source = await sourceOf(db, query)
  if (source === null) return []
  const { values } = source
  const order = page.isBackward ? 'DESC' : 'ASC'
  const limit = page.limit + 1
  const from =
    page.from === null ? '' : `AND position ${page.isBackward ? '<' : '>'} $${values.push(page.from[0])}::bigint`
  const part = `SELECT * FROM event WHERE ${source.where} ${from} ORDER BY position ${order} LIMIT ${limit}`
  const all =
    source.projects === null
      ? part
      : `SELECT part.* FROM unnest(${source.projects}) AS project(id) CROSS JOIN LATERAL (${part}) AS part`
  const text = `SELECT ${EVENT_COLUMNS} FROM (${all}) AS event ORDER BY position ${order} LIMIT ${limit}`
  return (await db.query<EventRow>({ text, values })).rows.map(eventOf)
}

/** How many events there are, counted up to `max + 1`. */
export async function countEvents(db: Reader, query: EventQuery, max: number): Promise<number> {
  const source = await sourceOf(db, query)
  if (source === null) return 0
  const ofProject = source.projects === null ? '' : `CROSS JOIN unnest(${source.projects}) AS project(id)`
  const text = `SELECT count(*) AS count FROM (SELECT FROM event ${ofProject} WHERE ${source.where} LIMIT ${max + 1}) AS counted`
  const { rows } = await db.query<{ count: number }>({ text, values: source.values })
  return rows[0]?.count ?? 0
}

/** Those of the events at these positions that belong to the projects (null: to any, or none), in no order. */
export async function readPositions(
  db: Reader,
  positions: readonly number[],
  projects: readonly string[] | null,
): Promise<StoredEvent[]> {
  const text = `SELECT ${EVENT_COLUMNS} FROM event
    WHERE position = ANY($1::bigint[]) AND ($2::text[] IS NULL OR project_id = ANY($2::text[]))`
  const { rows } = await db.query<EventRow>({ name: 'read-positions', text, values: [positions, projects] })
  return rows.map(eventOf)
}

/** The oldest position that is online; 1 while there is no event. */
export async function readOldestPosition(db: Reader): Promise<number> {
  const text = 'SELECT position FROM event ORDER BY position LIMIT 1'
  const { rows } = await db.query<{ position: number }>({ name: 'read-oldest', text })
  return rows[0]?.position ?? 1
}

interface Source {
  readonly where: string
  readonly values: unknown[]
  /** The parameter that holds the projects to merge, each `project.id` in `where`; null: there is nothing to merge. */
  readonly projects: string | null
}

/** Null: there can be none. */
async function sourceOf(db: Reader, query: EventQuery): Promise<Source | null> {
  const values: unknown[] = []
  const conditions: string[] = []
  const add = (sql: string, value: unknown): void => {
    if (value !== undefined && value !== null) conditions.push(sql.replace('$?', `$${values.push(value)}`))
  }
  const streamId = query.streamId ?? query.runId ?? null
  if (streamId !== null) {
    const head = (await readStreamHeads(db as ClientBase, [streamId])).get(streamId)
    if (head === undefined) return null
    add('stream_id = $?::text', streamId)
    add('position >= $?::bigint', head.firstPosition)
    add('position <= $?::bigint', head.lastPosition)
  }
  add('position <= $?::bigint', query.upTo)
  add('dag_id = $?::text', query.dagId)
  add('run_id = $?::text', query.runId)
  add('instance_id = $?::text', query.instanceId)
  add('type = ANY($?::text[])', query.types)
  add('actor = $?::text', query.actor)
  add('recorded_at >= $?::timestamptz', query.recordedFrom)
  add('recorded_at < $?::timestamptz', query.recordedTo)
  const isNarrow = streamId !== null || (query.dagId ?? null) !== null
  const projects = isNarrow || query.projects === null ? null : `$${values.push(query.projects)}::text[]`
  if (projects !== null) conditions.push('project_id = project.id')
  else add('project_id = ANY($?::text[])', query.projects)
  return { where: conditions.join(' AND ') || 'TRUE', values, projects }
}
