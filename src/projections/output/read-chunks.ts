import type { Reader } from '../list.js'

/** Collected bytes of one stream of an attempt, and what lies beside them in that stream. */
export interface OutputChunk {
  /** Of its first byte, in the bytes of all streams. */
  readonly byteOffset: number
  readonly stream: 'STDOUT' | 'STDERR' | 'SYSTEM'
  readonly bytes: Buffer
  readonly recordedAt: Date
  /** The stream's last bytes before these, three if there are, perhaps more: a character may have begun there. */
  readonly before: Buffer
  /** The stream's next bytes, three if there are, perhaps more: a character may end there. */
  readonly behind: Buffer
}

/** Offsets leave no hole, so a range of them bounds the bytes that are read, but for the ends of two chunks. */
const READ = `
  SELECT c.byte_offset AS "byteOffset", c.stream, c.bytes, c.recorded_at AS "recordedAt",
    coalesce((SELECT string_agg(substring(p.bytes FROM greatest(octet_length(p.bytes) - 2, 1)), '' ORDER BY p.stream_offset)
      FROM (SELECT bytes, stream_offset FROM output_chunk
        WHERE instance_id = c.instance_id AND attempt = c.attempt AND stream = c.stream
          AND stream_offset < c.stream_offset ORDER BY stream_offset DESC LIMIT 3) AS p), '') AS before,
    coalesce((SELECT string_agg(substring(n.bytes FOR 3), '' ORDER BY n.stream_offset)
      FROM (SELECT bytes, stream_offset FROM output_chunk
        WHERE instance_id = c.instance_id AND attempt = c.attempt AND stream = c.stream
          AND stream_offset > c.stream_offset ORDER BY stream_offset LIMIT 3) AS n), '') AS behind
  FROM output_chunk c
  WHERE c.instance_id = $1::text AND c.attempt = $2::integer AND c.byte_offset < $4::bigint
    AND c.byte_offset >= coalesce((SELECT o.byte_offset FROM output_chunk o
      WHERE o.instance_id = $1::text AND o.attempt = $2::integer AND o.byte_offset <= $3::bigint
      ORDER BY o.byte_offset DESC LIMIT 1), 0)
  ORDER BY c.byte_offset`

const END = `
  SELECT byte_offset + octet_length(bytes) AS "endOffset" FROM output_chunk
  WHERE instance_id = $1::text AND attempt = $2::integer ORDER BY byte_offset DESC LIMIT 1`

export interface AttemptKey {
  readonly instanceId: string
  readonly attempt: number
}

/** The chunks that hold the bytes from one offset to another, in the order collected; the outer two may hold more. */
export async function readChunks(
  db: Reader,
  { instanceId, attempt }: AttemptKey,
  from: number,
  to: number,
): Promise<OutputChunk[]> {
  const values = [instanceId, attempt, from, to]
  return (await db.query<OutputChunk>({ name: 'read-chunks', text: READ, values })).rows
}

/** How many bytes of an attempt are collected so far. */
export async function readEndOffset(db: Reader, { instanceId, attempt }: AttemptKey): Promise<number> {
  const values = [instanceId, attempt]
  const { rows } = await db.query<{ endOffset: number }>({ name: 'output-end', text: END, values })
  return rows[0]?.endOffset ?? 0
}
