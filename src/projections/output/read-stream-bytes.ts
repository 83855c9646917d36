import type { Reader } from '../list.js'
import type { AttemptKey } from './read-chunks.js'

/** One stream of an attempt's output. */
export interface StreamKey extends AttemptKey {
  readonly stream: 'STDOUT' | 'STDERR'
}

const LENGTH = `
  SELECT stream_offset + octet_length(bytes) AS length FROM output_chunk
  WHERE instance_id = $1::text AND attempt = $2::integer AND stream = $3::text
  ORDER BY stream_offset DESC LIMIT 1`

/** From the chunk that holds the first byte on; chunks are 256 KB at most, so a turn is 2 MB. */
const READ = `
  SELECT stream_offset AS "streamOffset", bytes FROM output_chunk
  WHERE instance_id = $1::text AND attempt = $2::integer AND stream = $3::text AND stream_offset < $5::bigint
    AND stream_offset >= coalesce((SELECT o.stream_offset FROM output_chunk o
      WHERE o.instance_id = $1::text AND o.attempt = $2::integer AND o.stream = $3::text
        AND o.stream_offset <= $4::bigint ORDER BY o.stream_offset DESC LIMIT 1), 0)
  ORDER BY stream_offset LIMIT 8`

/** How many bytes of the stream are collected so far. */
export async function readStreamLength(db: Reader, { instanceId, attempt, stream }: StreamKey): Promise<number> {
  const { rows } = await db.query<{ length: number }>(LENGTH, [instanceId, attempt, stream])
  return rows[0]?.length ?? 0
}

/** The stream's bytes from `from` to before `to`, exactly, a few chunks at a time. */
export async function* readStreamBytes(
  db: Reader,
  { instanceId, attempt, stream }: StreamKey,
  from: number,
  to: number,
): AsyncGenerator<Buffer, void, void> {
  for (let at = from; at < to; ) {
    const values = [instanceId, attempt, stream, at, to]
    const { rows } = await db.query<{ streamOffset: number; bytes: Buffer }>(READ, values)
    if (rows.length === 0) return
    for (const { streamOffset, bytes } of rows) {
      const part = bytes.subarray(Math.max(at - streamOffset, 0), to - streamOffset)
      at = streamOffset + bytes.length
      if (part.length > 0) yield part
    }
  }
}
