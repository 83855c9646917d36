import type { ClientBase, Pool } from 'pg'
import type { StoredEvent } from './event.js'

/** Positions are limits of a partition range: every read names them, so it touches no partition that it need not. */
export interface PositionRange {
  /** Exclusive. */
  readonly after: number
  /** Inclusive; default: no limit. */
  readonly upTo?: number
}

const COLUMNS = `position, stream_id, version, type, schema_version, data::text AS data_text, project_id, dag_id, run_id,
    instance_id, actor, command_id, correlation_id, causation_id, recorded_at, leaf_hash, prev_hash`

const READ = `
  SELECT ${COLUMNS} FROM event
  WHERE position > $1::bigint AND position <= $2::bigint
  ORDER BY position LIMIT $3::integer`

const READ_STREAM = `
  SELECT ${COLUMNS} FROM event
  WHERE stream_id = $1::text AND version > $2::integer AND position >= $3::bigint AND position <= $4::bigint
  ORDER BY position LIMIT $5::integer`

const MAX_POSITION = Number.MAX_SAFE_INTEGER

/** All events after a position in the order of the journal, at most `limit`. A plain comparison skips nothing: positions are dense and in commit order. */
export async function readEvents(db: ClientBase | Pool, range: PositionRange, limit: number): Promise<StoredEvent[]> {
  const values = [range.after, range.upTo ?? MAX_POSITION, limit]
  const { rows } = await db.query<EventRow>({ name: 'read-events', text: READ, values })
  return rows.map(eventOf)
}

/** One stream's events after a version; `first` and `last` are the stream's own limits. */
export async function readStream(
  db: ClientBase | Pool,
  stream: { readonly id: string; readonly firstPosition: number; readonly lastPosition: number },
  afterVersion: number,
  limit: number,
): Promise<StoredEvent[]> {
  const values = [stream.id, afterVersion, stream.firstPosition, stream.lastPosition, limit]
  const { rows } = await db.query<EventRow>({ name: 'read-stream', text: READ_STREAM, values })
  return rows.map(eventOf)
}

/** The position of the newest event; 0 while there is none. */
export async function readHead(db: ClientBase | Pool): Promise<number> {
  const text = 'SELECT position FROM event ORDER BY position DESC LIMIT 1'
  const { rows } = await db.query<{ position: number }>({ name: 'read-head', text })
  return rows[0] === undefined ? 0 : Number(rows[0].position)
}

/** The columns of `event` in the form that `eventOf` reads. */
export const EVENT_COLUMNS = COLUMNS

export interface EventRow {
  readonly position: number | string
  readonly stream_id: string
  readonly version: number
  readonly type: string
  readonly schema_version: number
  readonly data_text: string
  readonly project_id: string | null
  readonly dag_id: string | null
  readonly run_id: string | null
  readonly instance_id: string | null
  readonly actor: string
  readonly command_id: string | null
  readonly correlation_id: string | null
  readonly causation_id: string | null
  readonly recorded_at: Date
  readonly leaf_hash: Buffer
  readonly prev_hash: Buffer | null
}

export function eventOf(row: EventRow): StoredEvent {
  return {
    position: Number(row.position),
    streamId: row.stream_id,
    version: row.version,
    type: row.type,
    schemaVersion: row.schema_version,
    dataText: row.data_text,
    projectId: row.project_id,
    dagId: row.dag_id,
    runId: row.run_id,
    instanceId: row.instance_id,
    actor: row.actor,
    commandId: row.command_id,
    correlationId: row.correlation_id,
    causationId: row.causation_id,
    recordedAt: row.recorded_at,
    leafHash: row.leaf_hash.toString('hex'),
    prevHash: row.prev_hash?.toString('hex') ?? null,
  }
}
