import type { ClientBase } from 'pg'
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
    $1::text[], $2::integer[], $3::integer[], $4::bytea[], $5::integer[], $6::integer[],
    $7::integer[], $8::integer[], $9::text[], $10::smallint[], $11::json[], $12::text[], $13::text[], $14::text[],
    $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::timestamptz[], $21::bytea[], $22::bytea[],
    $23::text[], $24::bytea[], $25::json[], $26::integer[]) AS head`

/**
 * Appends events of any number of streams, with the results of the commands they came from. The last statement before
 * COMMIT: from here on the transaction holds the journal. The caller has locked the streams and sealed the events.
 * Answers the position of the first event; fails with SQLSTATE 40001 when a stream has moved on.
 */
export async function appendEvents(
  tx: ClientBase,
  events: readonly SealedEvent[],
  results: readonly CommandResult[],
): Promise<number> {
  const streams = growthOf(events)
  const { rows } = await tx.query<{ head: number }>({
    name: 'append-events',
    text: APPEND,
    values: [...streamColumns(streams), ...eventColumns(events, streams), ...resultColumns(results)],
  })
  return Number(rows[0]?.head) + 1
}

interface Growth {
  readonly at: number
  readonly from: SealedEvent
  readonly firstAt: number
  last: SealedEvent
  lastAt: number
}

function growthOf(events: readonly SealedEvent[]): Map<string, Growth> {
  const streams = new Map<string, Growth>()
  events.forEach((event, index) => {
    const growth = streams.get(event.streamId)
    if (growth === undefined) {
      streams.set(event.streamId, {
        at: streams.size + 1,
        from: event,
        firstAt: index + 1,
        last: event,
        lastAt: index + 1,
      })
    } else {
      growth.last = event
      growth.lastAt = index + 1
    }
  })
  return streams
}

function streamColumns(streams: Map<string, Growth>): unknown[] {
  const all = [...streams.values()]
  return [
    [...streams.keys()],
    all.map((growth) => growth.from.version - 1),
    all.map((growth) => growth.last.version),
    all.map((growth) => growth.last.leafHash),
    all.map((growth) => growth.firstAt),
    all.map((growth) => growth.lastAt),
  ]
}

function eventColumns(events: readonly SealedEvent[], streams: Map<string, Growth>): unknown[] {
  return [
    events.map((event) => streams.get(event.streamId)?.at),
    events.map((event) => event.version),
    events.map((event) => event.type),
    events.map((event) => event.schemaVersion),
    events.map((event) => event.dataText),
    events.map((event) => event.projectId),
    events.map((event) => event.dagId),
    events.map((event) => event.runId),
    events.map((event) => event.instanceId),
    events.map((event) => event.actor),
    events.map((event) => event.commandId),
    events.map((event) => event.correlationId),
    events.map((event) => event.causationId),
    events.map((event) => event.recordedAt.toISOString()),
    events.map((event) => event.leafHash),
    events.map((event) => event.prevHash),
  ]
}

function resultColumns(results: readonly CommandResult[]): unknown[] {
  return [
    results.map((result) => result.key),
    results.map((result) => result.bodyHash),
    results.map((result) => result.resultText),
    results.map((result) => result.eventAt),
  ]
}
