import { assertNever } from '../assert-never.js'
import type { DagId, DagVersionId, ProjectId, RunId } from '../ids.js'
import { type Decision, refuse } from '../rejection.js'

/** One stream per backfill: what was asked for. How far it has come, its runs tell. */
export type BackfillEvent =
  | { readonly type: 'BackfillRequested'; readonly data: BackfillRequested }
  | { readonly type: 'BackfillCancelRequested'; readonly data: { readonly reason: string | null } }

/** NONE: only times that have no run yet; FAILED: also those whose last run failed; COMPLETED: all but those under way. */
export type BackfillReprocess = 'NONE' | 'FAILED' | 'COMPLETED'

export interface BackfillRequested {
  readonly projectId: ProjectId
  readonly dagId: DagId
  readonly dagVersionId: DagVersionId
  /** RFC 3339; both inclusive. */
  readonly from: string
  readonly to: string
  readonly reprocess: BackfillReprocess
  /** Of its runs, so many at a time, in the order of their logical dates. */
  readonly maxActiveRuns: number
  readonly runs: readonly { readonly runId: RunId; readonly logicalDate: string }[]
}

export type BackfillCommand =
  | { readonly type: 'RequestBackfill'; readonly request: BackfillRequested }
  | { readonly type: 'CancelBackfill'; readonly reason: string | null }

export interface BackfillState {
  readonly status: 'NONE' | 'REQUESTED' | 'CANCELED'
}

export const NO_BACKFILL: BackfillState = { status: 'NONE' }

export function decideBackfill(command: BackfillCommand, { status }: BackfillState): Decision<BackfillEvent> {
  switch (command.type) {
    case 'RequestBackfill':
      if (status !== 'NONE') return refuse('CONFLICT', 'The backfill exists already')
      return [{ type: 'BackfillRequested', data: command.request }]
    case 'CancelBackfill':
      if (status === 'NONE') return refuse('NOT_FOUND', 'The backfill does not exist', ['backfillId'])
      return status === 'CANCELED' ? [] : [{ type: 'BackfillCancelRequested', data: { reason: command.reason } }]
    default:
      return assertNever(command)
  }
}

export function evolveBackfill(_: BackfillState, event: BackfillEvent): BackfillState {
  return { status: event.type === 'BackfillRequested' ? 'REQUESTED' : 'CANCELED' }
}
