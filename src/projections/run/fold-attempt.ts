import { type AttemptResult, type AttemptUsage, END_OF } from '../../domain/run/events.js'
import type { InstanceEvent } from './fold-instance.js'

/** What a batch of events changes in one attempt's row; null leaves the column as it is. */
export interface AttemptChange {
  readonly instanceId: string
  readonly number: number
  /** Given when the batch begins with the attempt itself. */
  fence: number | null
  machineId: string | null
  nodeId: string | null
  dispatchedAt: Date | null
  status: string
  pid: number | null
  startedAt: Date | null
  endedAt: Date | null
  exitCode: number | null
  errorMessage: string | null
  cpuSeconds: number | null
  usage: AttemptUsage | null
}

/** The attempt that an event tells of; null where it tells of none, or only of how it is to go on. */
export function attemptOf(event: InstanceEvent): number | null {
  return 'attempt' in event.data && event.type !== 'InstanceQueued' ? event.data.attempt : null
}

export function noAttemptChange(instanceId: string, number: number): AttemptChange {
  const nothing = { fence: null, machineId: null, nodeId: null, dispatchedAt: null, pid: null, startedAt: null }
  const noEnd = { endedAt: null, exitCode: null, errorMessage: null, cpuSeconds: null, usage: null }
  return { instanceId, number, status: 'DISPATCHED', ...nothing, ...noEnd }
}

/** Adds one event to what the batch changes in its attempt. */
export function foldAttempt(change: AttemptChange, event: InstanceEvent, version: number, at: Date): void {
  switch (event.type) {
    case 'InstanceDispatched':
      change.fence = version
      change.machineId = event.data.machineId
      change.nodeId = event.data.node
      change.dispatchedAt = at
      return
    case 'InstanceStarted':
      change.status = 'RUNNING'
      change.pid = event.data.pid
      change.startedAt = at
      return
    case 'InstanceAttemptFailed':
      foldEnd(change, event.data, event.data.status, at)
      return
    case 'InstanceSucceeded':
    case 'InstanceFailed':
    case 'InstanceErrored':
    case 'InstanceTimedOut':
    case 'InstanceCanceled':
    case 'InstanceSkipped':
    case 'InstanceUpstreamFailed':
      foldEnd(change, event.data, END_OF[event.type], at)
  }
}

function foldEnd(change: AttemptChange, result: AttemptResult, status: string, at: Date): void {
  change.status = status
  change.endedAt = at
  change.exitCode = result.exitCode
  change.errorMessage = result.errorMessage
  change.cpuSeconds = result.cpuSeconds
  change.usage = result.usage ?? null
}
