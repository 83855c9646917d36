import type { OutputStream } from '../machines/machine.js'
import type { Database } from '../platform/database.js'
import type { Hints } from '../platform/hints.js'

/** A piece of one stream of an attempt. */
export interface OutputPiece {
  readonly instanceId: string
  readonly attempt: number
  readonly fence: number
  /** SYSTEM: what Dagbook itself has to say of it. */
  readonly stream: OutputStream | 'SYSTEM'
  /** In this stream. */
  readonly streamOffset: number
  /** In the bytes of all streams, in the order collected. */
  readonly byteOffset: number
  readonly bytes: Buffer
  /** Of how many bytes of the stream these are what is left when secrets are masked. */
  readonly sourceLength: number
}

/** The attempt is another dispatcher's by now: what is collected here is no longer wanted. */
export class NotOursError extends Error {
  override readonly name = 'NotOursError'
  readonly code = 'NOT_OURS'
  constructor(readonly instanceId: string) {
    super(`Another dispatcher has taken over ${instanceId}`)
  }
}

/**
 * Only who holds the attempt may add to its output, and only where the stored output ends: the row of the hold is locked
 * against being taken over, so no byte is stored twice or left out, whoever else believes to hold it. A repeat of what
 * stands last (the first answer was lost) is stored already.
 */
const INSERT = `
  WITH held AS (
    SELECT h.instance_id, h.fence FROM queue_hold h
    WHERE h.node_id = $1::text AND h.instance_id = ANY($2::text[]) ORDER BY h.instance_id FOR SHARE
  ), piece AS (
    SELECT o.*, octet_length(o.bytes) AS size, last.byte_offset AS last_offset, last.size AS last_size,
      (last.stream, last.stream_offset) = (o.stream, o.stream_offset) AS is_last
    FROM unnest($2::text[], $3::integer[], $4::integer[], $5::bigint[], $6::text[], $7::bigint[], $8::bytea[],
      $9::integer[]) AS o(instance_id, attempt, fence, byte_offset, stream, stream_offset, bytes, source_length)
    JOIN held ON held.instance_id = o.instance_id AND held.fence = o.fence
    LEFT JOIN LATERAL (
      SELECT c.byte_offset, c.stream, c.stream_offset, octet_length(c.bytes) AS size FROM output_chunk c
      WHERE c.instance_id = o.instance_id AND c.attempt = o.attempt ORDER BY c.byte_offset DESC LIMIT 1) last ON true
  ), next AS (
    SELECT * FROM piece WHERE byte_offset = coalesce(last_offset + last_size, 0)
  ), stored AS (
    INSERT INTO output_chunk (instance_id, attempt, byte_offset, stream, stream_offset, bytes, source_length, recorded_at)
    SELECT instance_id, attempt, byte_offset, stream, stream_offset, bytes, nullif(source_length, size), now() FROM next
  )
  SELECT instance_id FROM next UNION ALL
  SELECT instance_id FROM piece WHERE byte_offset = last_offset AND size = last_size AND is_last`

interface Waiting {
  readonly piece: OutputPiece
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const MAX_BATCH_BYTES = 4 * 1_024 * 1_024

/** Stores the output of all attempts of this process: pieces that come while one statement runs go with the next. */
export class OutputStore {
  #waiting: Waiting[] = []
  #isWriting = false

  constructor(
    private readonly database: Database,
    private readonly nodeId: string,
    /** Told whose output has grown, by instance id. */
    private readonly hints: Hints,
    /** Of one attempt, both streams together; what comes after is not kept. */
    readonly maxBytes = Number.POSITIVE_INFINITY,
  ) {}

  /** Resolves when the piece is durable; rejects with NotOursError, or what the database said. */
  store(piece: OutputPiece): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ piece, resolve, reject })
      if (!this.#isWriting) void this.#write()
    })
  }

  async #write(): Promise<void> {
    this.#isWriting = true
    while (this.#waiting.length > 0) {
      const batch = this.#take()
      try {
        const held = await this.#insert(batch.map(({ piece }) => piece))
        for (const { piece, resolve, reject } of batch) {
          if (held.has(piece.instanceId)) resolve()
          else reject(new NotOursError(piece.instanceId))
        }
        this.hints.wake([...held])
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#isWriting = false
  }

  #take(): Waiting[] {
    let bytes = 0
    const fits = this.#waiting.findIndex(({ piece }) => {
      bytes += piece.bytes.length
      return bytes > MAX_BATCH_BYTES
    })
    return this.#waiting.splice(0, fits < 0 ? this.#waiting.length : Math.max(fits, 1))
  }

  async #insert(pieces: readonly OutputPiece[]): Promise<Set<string>> {
    const rows = await this.database.query<{ instance_id: string }>(INSERT, [
      this.nodeId,
      pieces.map((piece) => piece.instanceId),
      pieces.map((piece) => piece.attempt),
      pieces.map((piece) => piece.fence),
      pieces.map((piece) => piece.byteOffset),
      pieces.map((piece) => piece.stream),
      pieces.map((piece) => piece.streamOffset),
      pieces.map((piece) => piece.bytes),
      pieces.map((piece) => piece.sourceLength),
    ])
    return new Set(rows.map((row) => row.instance_id))
  }
}
