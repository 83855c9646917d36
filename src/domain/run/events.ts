import type { Plan } from '../dag/plan.js'
import type { Verdict } from '../dag/verdict.js'
import type { DagId, DagVersionId, InstanceId, MachineId, NodeId, ProjectId, RunId } from '../ids.js'
import type { Json, JsonObject } from '../json.js'
import type { InstanceEnd } from './status.js'

/**
 * What happens to a run and its instances, one stream per run. The names are stored for ever. Instance events name the
 * task by its key; the fence of an attempt is the version of its `InstanceDispatched`.
 */
export type RunEvent =
  | Stored<'RunRequested', RunRequested>
  | Stored<'RunStarted', Record<string, never>>
  | Stored<'RunPaused', Record<string, never>>
  | Stored<'RunResumed', Record<string, never>>
  | Stored<'RunPriorityChanged', { readonly priority: number; readonly reason: string | null }>
  | Stored<'RunCancelRequested', { readonly reason: string | null }>
  | Stored<'RunTimeoutReached', Record<string, never>>
  | Stored<'RunSucceeded', Record<string, never>>
  | Stored<'RunFailed', { readonly errorMessage: string }>
  | Stored<'RunCanceled', { readonly reason: string | null }>
  | Stored<'RunTimedOut', { readonly errorMessage: string }>
  | Stored<'InstanceReused', InstanceReused>
  | Stored<'InstanceExpanded', InstanceExpanded>
  | Stored<'InstanceQueued', InstanceQueued>
  | Stored<'InstanceDispatched', InstanceDispatched>
  | Stored<'InstanceStarted', InstanceStarted>
  | Stored<'InstanceAttemptFailed', InstanceAttemptFailed>
  | Stored<'InstanceContactLost', { readonly task: string; readonly reason: string }>
  | Stored<'InstanceReattached', InstanceReattached>
  | Stored<'InstanceCancelRequested', { readonly task: string; readonly reason: string | null }>
  | Stored<'InstanceForceRequested', ForceRequested>
  | Stored<InstanceEndedType, InstanceEnded>

interface Stored<Type extends string, Data> {
  readonly type: Type
  readonly data: Data
}

export type RunEventType = RunEvent['type']

export type RunKind = 'DAG' | 'TASK' | 'BATCH'
export type RunTrigger = 'MANUAL' | 'SCHEDULE' | 'BACKFILL' | 'RERUN' | 'SLA'
export type RerunScope = 'ALL' | 'FAILED' | 'TASKS' | 'TASKS_AND_DOWNSTREAM'

export interface RunRequested {
  readonly kind: RunKind
  readonly name: string
  /** For a person; left out where there is none. */
  readonly description?: string
  readonly projectId: ProjectId
  readonly dagId: DagId | null
  readonly dagVersionId: DagVersionId | null
  /** Only where there is no DAG version to take it from. */
  readonly plan: Plan | null
  readonly trigger: RunTrigger
  readonly parameters: JsonObject
  readonly logicalDate: string | null
  readonly tags: readonly string[]
  readonly priority: number
  readonly parentRunId: RunId | null
  readonly rootRunId: RunId
  readonly rerunScope: RerunScope | null
}

/** The task is not run again: it appears with its end and output in the parent run. */
export interface InstanceReused {
  readonly task: string
  readonly from: InstanceId
  readonly status: InstanceEnd
  readonly exitCode: number | null
  readonly output: Json
  readonly verdict?: Verdict
}

/** The task's list has been read: an instance for each of its elements is there, and the task's own waits for them. */
export interface InstanceExpanded {
  readonly task: string
  readonly items: readonly Json[]
}

export interface InstanceQueued {
  readonly task: string
  /** The number that the coming attempt will have. */
  readonly attempt: number
  /** The run is paused: it waits, but is not dispatched before `RunResumed`. */
  readonly isHeld: boolean
}

export interface InstanceDispatched {
  readonly task: string
  readonly attempt: number
  /** The dispatcher that executes it. */
  readonly node: NodeId
  readonly machineId: MachineId | null
}

export interface InstanceStarted {
  readonly task: string
  readonly attempt: number
  readonly pid: number | null
}

/** Contact with the attempt is there again, perhaps through another dispatcher. */
export interface InstanceReattached {
  readonly task: string
  readonly node: NodeId
  /** How far the attempt had come. */
  readonly status: 'DISPATCHED' | 'RUNNING'
}

/** What one attempt left behind. */
export interface AttemptResult {
  readonly exitCode: number | null
  readonly errorMessage: string | null
  readonly cpuSeconds: number | null
  /** Left out where nothing was measured, and by servers that did not measure yet. */
  readonly usage?: AttemptUsage
}

/** What an attempt used, over all of its time; MB are 10^6 bytes, 100 percent are one core. */
export interface AttemptUsage {
  readonly averageMemoryMb: number | null
  readonly peakMemoryMb: number | null
  readonly averageCpuPercent: number | null
}

/** Not the instance's end: another attempt follows after `retryDelayMs`. */
export interface InstanceAttemptFailed extends AttemptResult {
  readonly task: string
  readonly attempt: number
  readonly status: 'FAILED' | 'TIMED_OUT' | 'ERRORED'
  /** Which budget pays for the next attempt: the user's retries, or the platform's own. */
  readonly budget: 'USER' | 'INFRASTRUCTURE'
  readonly retryDelayMs: number
}

export interface ForceRequested {
  readonly task: string
  readonly status: ForcedEnd
  readonly reason: string
}

export type ForcedEnd = 'SUCCEEDED' | 'FAILED' | 'SKIPPED' | 'CANCELED'

export type InstanceEndedType =
  | 'InstanceSucceeded'
  | 'InstanceFailed'
  | 'InstanceErrored'
  | 'InstanceTimedOut'
  | 'InstanceCanceled'
  | 'InstanceSkipped'
  | 'InstanceUpstreamFailed'

export interface InstanceEnded extends AttemptResult {
  readonly task: string
  /** The attempt that led to it; null where none did. */
  readonly attempt: number | null
  readonly output: Json
  /** Why an operator decided this end by hand; null where it came about by itself. */
  readonly forcedBecause: string | null
  /** Left out where the task was not judged. */
  readonly verdict?: Verdict
}

export const ENDED_TYPE: { readonly [End in InstanceEnd]: InstanceEndedType } = {
  SUCCEEDED: 'InstanceSucceeded',
  FAILED: 'InstanceFailed',
  ERRORED: 'InstanceErrored',
  TIMED_OUT: 'InstanceTimedOut',
  CANCELED: 'InstanceCanceled',
  SKIPPED: 'InstanceSkipped',
  UPSTREAM_FAILED: 'InstanceUpstreamFailed',
}

export const END_OF: { readonly [Type in InstanceEndedType]: InstanceEnd } = {
  InstanceSucceeded: 'SUCCEEDED',
  InstanceFailed: 'FAILED',
  InstanceErrored: 'ERRORED',
  InstanceTimedOut: 'TIMED_OUT',
  InstanceCanceled: 'CANCELED',
  InstanceSkipped: 'SKIPPED',
  InstanceUpstreamFailed: 'UPSTREAM_FAILED',
}
