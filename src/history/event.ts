/**
 * An event as the journal keeps it. The journal knows no meaning: the four scope ids are opaque columns, and `data` is
 * text in canonical form (RFC 8785), kept to the letter.
 */
export interface StoredEvent extends UnsealedEvent {
  /** 1, 2, 3 ... over all streams, without a hole, in commit order. */
  readonly position: number
  /** SHA-256 of 0x00 and the canonical form of the columns (RFC 6962's leaf), in lower-case hex as all hashes here. */
  readonly leafHash: string
  /** The leaf hash before it in its stream; null for the first. */
  readonly prevHash: string | null
}

export interface UnsealedEvent extends EventScope, EventCause {
  readonly streamId: string
  /** 1..n in its stream. */
  readonly version: number
  readonly type: string
  readonly schemaVersion: number
  readonly dataText: string
  readonly recordedAt: Date
}

/** What an event belongs to: the ids that readers filter by and access is decided by. */
export interface EventScope {
  readonly projectId: string | null
  readonly dagId: string | null
  readonly runId: string | null
  readonly instanceId: string | null
}

/** Who and what brought it about. */
export interface EventCause {
  /** A user's, a token's or a node's id, or `system`. */
  readonly actor: string
  readonly commandId: string | null
  readonly correlationId: string | null
  readonly causationId: string | null
}

export interface SealedEvent extends UnsealedEvent {
  readonly leafHash: string
  readonly prevHash: string | null
}
