import type { QueryResult } from 'pg'
import type { Statement } from '../platform/statement.js'
import { appendColumns } from './append-columns.js'
import type { SealedEvent } from './event.js'

/** What a command answered, kept so that a repeat gets the same answer. */
export interface CommandResult {
  /** The command's id, or the caller's idempotency key within its scope. */
  readonly key: string
  /** SHA-256 of the canonical input. */
  readonly bodyHash: Buffer
  readonly resultText: string
  /** Which of the events appended here is the command's last, from 1; null: it caused none. */
  readonly eventAt: number | null
}

const APPEND = `
  SELECT append_events(
    $1::text[], $2::integer[], $3::integer[], $4::bytea, $5::integer[], $6::integer[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::text[], $13::text[], $14::timestamptz[],
    $15::integer[], $16::integer[], $17::integer[], $18::text[], $19::smallint[], $20::text[], $21::json, $22::bytea,
    $23::bytea,
    $24::text[], $25::bytea[], $26::json[], $27::integer[]) AS head`

/**
 * Appends events of any number of streams, with the results of the commands they came from. The last statement before
 * COMMIT: from here on the transaction holds the journal. The caller has locked the streams and sealed the events. Fails
 * with SQLSTATE 40001 when a stream has moved on.
 */
export function appendEvents(events: readonly SealedEvent[], results: readonly CommandResult[]): Statement {
  return { name: 'append-events', text: APPEND, values: [...appendColumns(events), ...resultColumns(results)] }
}

/** The position of the first event, from the answer to `appendEvents`. */
export function firstPosition({ rows }: QueryResult): number {
  return Number(rows[0]?.head) + 1
}

function resultColumns(results: readonly CommandResult[]): unknown[] {
  return [
    results.map((result) => result.key),
    results.map((result) => result.bodyHash),
    results.map((result) => result.resultText),
    results.map((result) => result.eventAt),
  ]
}
