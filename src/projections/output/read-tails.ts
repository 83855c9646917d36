import type { Reader } from '../list.js'

/** The end of what the last attempt printed. */
export interface Tails {
  readonly STDOUT: Buffer
  readonly STDERR: Buffer
}

/** Of each stream. */
const TAIL_BYTES = 65_536
/** No piece that is stored is larger. */
const MAX_PIECE = 4 * 1_024 * 1_024

/** By the index of each stream: the newest piece tells where it ends, the rest is the range before. */
const READ = `
  SELECT i.id, stream.name AS stream, o.bytes
  FROM instance i CROSS JOIN unnest(ARRAY['STDOUT', 'STDERR']) AS stream(name)
  CROSS JOIN LATERAL (
    SELECT c.stream_offset + octet_length(c.bytes) AS at FROM output_chunk c
    WHERE c.instance_id = i.id AND c.attempt = i.attempt AND c.stream = stream.name
    ORDER BY c.stream_offset DESC LIMIT 1) AS ending
  CROSS JOIN LATERAL (
    SELECT c.stream_offset, substring(c.bytes FROM
      greatest(1, ending.at - ${TAIL_BYTES} - c.stream_offset + 1)::integer) AS bytes FROM output_chunk c
    WHERE c.instance_id = i.id AND c.attempt = i.attempt AND c.stream = stream.name
      AND c.stream_offset > ending.at - ${TAIL_BYTES} - ${MAX_PIECE}
      AND c.stream_offset + octet_length(c.bytes) > ending.at - ${TAIL_BYTES}) AS o
  WHERE i.id = ANY($1::text[])
  ORDER BY i.id, stream.name, o.stream_offset`

/** By instance, what its last attempt printed at the end, as it is stored; those that printed nothing are left out. */
export async function readTails(db: Reader, instanceIds: readonly string[]): Promise<Map<string, Tails>> {
  const { rows } = await db.query<{ id: string; stream: 'STDOUT' | 'STDERR'; bytes: Buffer }>({
    name: 'read-tails',
    text: READ,
    values: [instanceIds],
  })
  const pieces = new Map<string, { STDOUT: Buffer[]; STDERR: Buffer[] }>()
  for (const { id, stream, bytes } of rows) {
    const of = pieces.get(id) ?? { STDOUT: [], STDERR: [] }
    of[stream].push(bytes)
    pieces.set(id, of)
  }
  return new Map(
    [...pieces].map(([id, { STDOUT, STDERR }]) => [
      id,
      { STDOUT: Buffer.concat(STDOUT), STDERR: Buffer.concat(STDERR) },
    ]),
  )
}
