import type { ClientBase } from 'pg'

/** Where a stream stands. */
export interface StreamHead {
  readonly id: string
  readonly version: number
  /** In lower-case hex. */
  readonly headHash: string
  readonly firstPosition: number
  readonly lastPosition: number
}

interface Row {
  readonly id: string
  readonly version: number
  readonly head_hash: Buffer
  readonly first_position: number | string
  readonly last_position: number | string
}

/**
 * Locks the streams until the transaction ends, in the order of their ids: the first lock of every transaction. Those
 * that do not exist are left out.
 */
export function lockStreams(tx: ClientBase, ids: readonly string[]): Promise<Map<string, StreamHead>> {
  return heads(tx, 'lock-streams', 'SELECT * FROM lock_streams($1::text[])', ids)
}

/** Where the streams stand now, without a lock. */
export function readStreamHeads(tx: ClientBase, ids: readonly string[]): Promise<Map<string, StreamHead>> {
  return heads(tx, 'stream-heads', 'SELECT * FROM stream WHERE id = ANY($1::text[])', ids)
}

async function heads(
  tx: ClientBase,
  name: string,
  text: string,
  ids: readonly string[],
): Promise<Map<string, StreamHead>> {
  if (ids.length === 0) return new Map()
  const { rows } = await tx.query<Row>({ name, text, values: [ids] })
  return new Map(rows.map((row) => [row.id, headOf(row)]))
}

function headOf(row: Row): StreamHead {
  return {
    id: row.id,
    version: row.version,
    headHash: row.head_hash.toString('hex'),
    firstPosition: Number(row.first_position),
    lastPosition: Number(row.last_position),
  }
}
