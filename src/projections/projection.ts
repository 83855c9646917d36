import type { Statement } from '../platform/statement.js'
import type { RunSource } from './run/run-facts.js'

/** An event on its way into the read side, the same whether it happens now or is replayed. */
export interface AppliedEvent {
  readonly streamId: string
  /** In its stream. */
  readonly version: number
  readonly type: string
  readonly data: unknown
  readonly projectId: string | null
  readonly dagId: string | null
  readonly instanceId: string | null
  readonly actor: string
  readonly recordedAt: Date
}

/**
 * A read model: tables computed from events. A batch of events becomes at most one write per row, in a number of
 * statements that does not grow with the batch. They are to be executed in their order and name their tables without a
 * schema, so that a rebuild can write beside the live tables.
 */
export interface Projection {
  readonly name: string
  readonly tables: readonly string[]
  /** Of events in the order of the journal; none when they do not concern it. */
  statements(events: readonly AppliedEvent[], runs: RunSource): Statement[]
}

/** One row's columns as parallel arrays: what `unnest` takes. */
export function columns<Row>(
  rows: readonly Row[],
  ...pick: readonly ((row: Row, index: number) => unknown)[]
): unknown[][] {
  return pick.map((column) => rows.map(column))
}

/** The distinct among what rows share, and for each row the place of its own, from 1: `(shared)[place]` in SQL. */
export function sharing<Row, Shared>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  sharedOf: (row: Row) => Shared,
): { readonly shared: Shared[]; readonly places: number[] } {
  const known = new Map<string, number>()
  const shared: Shared[] = []
  const places = rows.map((row) => {
    const key = keyOf(row)
    const place = known.get(key) ?? shared.push(sharedOf(row))
    known.set(key, place)
    return place
  })
  return { shared, places }
}

/** Who made something: the actor, where it was a user or a user's token; null when it was the platform itself. */
export function userOf(actor: string): string | null {
  return actor.startsWith('user_') || actor.startsWith('apitoken_') ? actor : null
}
