import type { RunEvent, RunRequested } from '../../domain/run/events.js'
import { isRunEnd } from '../../domain/run/status.js'

/** What a batch of events changes in one run's row; null leaves the column as it is. */
export interface RunChange {
  readonly id: string
  /** Given when the batch begins with the run itself. */
  request: RunRequested | null
  createdBy: string | null
  version: number
  status: string | null
  startedAt: Date | null
  endedAt: Date | null
  errorMessage: string | null
  priority: number | null
  updatedAt: Date
}

const STATUS_AFTER: { readonly [Type in RunEvent['type']]?: string } = {
  RunRequested: 'QUEUED',
  RunStarted: 'RUNNING',
  RunPaused: 'PAUSED',
  RunResumed: 'RUNNING',
  RunCancelRequested: 'CANCELING',
  RunTimeoutReached: 'CANCELING',
  RunSucceeded: 'SUCCEEDED',
  RunFailed: 'FAILED',
  RunCanceled: 'CANCELED',
  RunTimedOut: 'TIMED_OUT',
}

export function noRunChange(id: string, at: Date): RunChange {
  const nothing = { request: null, createdBy: null, status: null, startedAt: null, endedAt: null }
  return { id, ...nothing, errorMessage: null, priority: null, version: 0, updatedAt: at }
}

/** Adds one event to what the batch changes in its run. */
export function foldRun(change: RunChange, event: RunEvent, version: number, at: Date): void {
  const status = STATUS_AFTER[event.type]
  change.version = version
  change.updatedAt = at
  if (event.type === 'RunPriorityChanged') change.priority = event.data.priority
  if (status === undefined) return
  change.status = status
  if (event.type === 'RunRequested') change.request = event.data
  if (event.type === 'RunStarted') change.startedAt = at
  if (event.type === 'RunFailed' || event.type === 'RunTimedOut') change.errorMessage = event.data.errorMessage
  if (event.type === 'RunCanceled') change.errorMessage = event.data.reason
  if (isRunEnd(status as 'FAILED')) change.endedAt = at
}
