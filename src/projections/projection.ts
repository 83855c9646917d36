import type { ClientBase } from 'pg'
import type { Plan } from '../domain/dag/plan.js'

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

/** What projecting a `RunRequested` takes besides the event: the plan that it names. */
export type PlanSource = (planId: string) => Plan

/**
 * A read model: tables computed from events. A batch of events becomes at most one write per row, in a number of
 * statements that does not grow with the batch. Every statement is sent before the first answer is awaited, and names
 * its tables without a schema, so that a rebuild can write beside the live tables.
 */
export interface Projection {
  readonly name: string
  readonly tables: readonly string[]
  /** In the order of the journal. */
  apply(tx: ClientBase, events: readonly AppliedEvent[], plans: PlanSource): Promise<void>
}

/** One row's columns as parallel arrays: what `unnest` takes. */
export function columns<Row>(rows: readonly Row[], ...pick: readonly ((row: Row) => unknown)[]): unknown[][] {
  return pick.map((column) => rows.map(column))
}

/** The actor as a user's id; null when it was the platform itself. */
export function userOf(actor: string): string | null {
  return actor.startsWith('user_') ? actor : null
}
