import type { Verdict } from '../../domain/dag/verdict.js'
import type { Json } from '../../domain/json.js'
import { END_OF, type InstanceEndedType, type RunEvent } from '../../domain/run/events.js'

/** What a batch of events changes in one instance's row; null leaves the column as it is, unless it says otherwise. */
export interface InstanceChange {
  readonly id: string
  /** Null: as it is, but CANCELING if it lives and is asked to stop; PENDING in a new row. */
  status: string | null
  attempt: number | null
  fence: number | null
  machineId: string | null
  nodeId: string | null
  /** An attempt has ended: exit code, cpu time, output and message are its own, null or not. */
  hasResult: boolean
  exitCode: number | null
  cpuSeconds: number | null
  /** JSON text. */
  output: string | null
  errorMessage: string | null
  queuedAt: Date | null
  /** Of the first attempt. */
  startedAt: Date | null
  endedAt: Date | null
  /** Null: it does not wait for a retry. */
  retryAt: Date | null
  isStopping: boolean | null
  forcedBecause: string | null
  reusedFrom: string | null
  /** Null: not judged, or not yet. */
  verdict: Verdict | null
  updatedAt: Date
}

export function noChange(id: string, at: Date): InstanceChange {
  return {
    id,
    status: null,
    attempt: null,
    fence: null,
    machineId: null,
    nodeId: null,
    hasResult: false,
    exitCode: null,
    cpuSeconds: null,
    output: null,
    errorMessage: null,
    queuedAt: null,
    startedAt: null,
    endedAt: null,
    retryAt: null,
    isStopping: null,
    forcedBecause: null,
    reusedFrom: null,
    verdict: null,
    updatedAt: at,
  }
}

export type InstanceEvent = Extract<RunEvent, { type: `Instance${string}` }>

/** Adds one event to what the batch changes. `version` is the event's own: the fence, where it dispatches. */
export function foldInstance(change: InstanceChange, event: InstanceEvent, version: number, at: Date): void {
  change.updatedAt = at
  change.retryAt = null
  switch (event.type) {
    case 'InstanceQueued':
      change.status = 'QUEUED'
      change.queuedAt = at
      return
    case 'InstanceExpanded':
      change.status = 'RUNNING'
      change.startedAt ??= at
      return
    case 'InstanceDispatched':
      change.status = 'DISPATCHED'
      change.fence = version
      change.attempt = event.data.attempt
      change.machineId = event.data.machineId
      change.nodeId = event.data.node
      return
    case 'InstanceAttemptFailed':
      change.status = 'RETRY_WAIT'
      change.retryAt = new Date(at.getTime() + event.data.retryDelayMs)
      foldResult(change, event.data, null)
      return
    case 'InstanceReused':
      change.status = event.data.status
      change.reusedFrom = event.data.from
      change.verdict = event.data.verdict ?? null
      change.endedAt = at
      foldResult(change, { exitCode: event.data.exitCode, errorMessage: null, cpuSeconds: null }, event.data.output)
      return
    case 'InstanceStarted':
    case 'InstanceContactLost':
    case 'InstanceReattached':
    case 'InstanceCancelRequested':
    case 'InstanceForceRequested':
      foldLive(change, event, at)
      return
    default:
      foldEnd(change, event, at)
  }
}

type LiveEvent = Extract<
  InstanceEvent,
  {
    type:
      | 'InstanceStarted'
      | 'InstanceContactLost'
      | 'InstanceReattached'
      | 'InstanceCancelRequested'
      | 'InstanceForceRequested'
  }
>

function foldLive(change: InstanceChange, event: LiveEvent, at: Date): void {
  switch (event.type) {
    case 'InstanceStarted':
      change.status = change.isStopping ? 'CANCELING' : 'RUNNING'
      change.startedAt ??= at
      return
    case 'InstanceContactLost':
      change.status = 'UNKNOWN'
      return
    case 'InstanceReattached':
      change.status = change.isStopping ? 'CANCELING' : event.data.status
      change.nodeId = event.data.node
      return
    default:
      if (change.status === 'DISPATCHED' || change.status === 'RUNNING') change.status = 'CANCELING'
      change.isStopping = true
  }
}

function foldEnd(change: InstanceChange, event: Extract<RunEvent, { type: InstanceEndedType }>, at: Date): void {
  change.status = END_OF[event.type]
  change.endedAt = at
  change.isStopping = false
  change.forcedBecause = event.data.forcedBecause
  change.verdict = event.data.verdict ?? null
  // An end that no attempt led to leaves what an earlier attempt said of itself, in this batch or before it; only what
  // stood for its elements has an output then.
  if (event.data.attempt !== null || event.data.output !== null) foldResult(change, event.data, event.data.output)
  else change.errorMessage = event.data.errorMessage ?? change.errorMessage
}

function foldResult(
  change: InstanceChange,
  result: { exitCode: number | null; errorMessage: string | null; cpuSeconds: number | null },
  output: Json,
): void {
  change.hasResult = true
  change.exitCode = result.exitCode
  change.errorMessage = result.errorMessage
  change.cpuSeconds = result.cpuSeconds
  change.output = output === null ? null : JSON.stringify(output)
}
