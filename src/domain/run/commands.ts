import type { Plan } from '../dag/plan.js'
import type { Verdict } from '../dag/verdict.js'
import type { InstanceId, MachineId, NodeId } from '../ids.js'
import type { Json, JsonObject } from '../json.js'
import type { AttemptResult, ForcedEnd, RunRequested } from './events.js'
import type { InstanceEnd } from './status.js'

export type RunCommand =
  | RequestRun
  /** Its turn has come: nothing happens to a run that has begun already. */
  | { readonly type: 'StartRun' }
  | { readonly type: 'CancelRun'; readonly reason: string | null }
  | { readonly type: 'PauseRun' }
  | { readonly type: 'ResumeRun' }
  | { readonly type: 'TimeOutRun' }
  | { readonly type: 'SetRunPriority'; readonly priority: number; readonly reason: string | null }
  /** At most to the highest that there is. */
  | { readonly type: 'RaiseRunPriority'; readonly by: number; readonly reason: string | null }
  | { readonly type: 'CancelInstance'; readonly task: string; readonly reason: string | null }
  | RetryInstance
  | TimeOutInstance
  | { readonly type: 'ForceInstance'; readonly task: string; readonly status: ForcedEnd; readonly reason: string }
  | DispatchInstance
  | ReportStarted
  | ReportEnded
  | ReportContactLost
  | ReattachInstance

/** The plan is that of the DAG version, or `request.plan`. */
export interface RequestRun {
  readonly type: 'RequestRun'
  readonly request: RunRequested
  readonly plan: Plan
  /** A rerun's tasks that keep the end they had in the parent run. */
  readonly reused: readonly ReusedInstance[]
  /** It waits for the runs before it, until `StartRun`; left out: it begins at once. */
  readonly isQueued?: boolean
}

export interface ReusedInstance {
  readonly task: string
  readonly from: InstanceId
  readonly status: InstanceEnd
  readonly exitCode: number | null
  readonly output: Json
  readonly verdict?: Verdict
}

/** Ends a wait for a retry early, or in time. */
export interface RetryInstance {
  readonly type: 'RetryInstance'
  readonly task: string
  /** A timer names the attempt that it was set after, so that one that comes late does not cut a later wait short. */
  readonly attempt?: number
}

/** It has waited for capacity longer than its task's queueTimeout; another wait than the one for `attempt` is left alone. */
export interface TimeOutInstance {
  readonly type: 'TimeOutInstance'
  readonly task: string
  readonly attempt: number
}

/** A dispatcher takes a queued instance; the event's version becomes the attempt's fence. */
export interface DispatchInstance {
  readonly type: 'DispatchInstance'
  readonly task: string
  readonly node: NodeId
  readonly machineId: MachineId | null
}

/** Reports name the attempt by its fence: one of an earlier attempt changes nothing. */
export interface ReportStarted {
  readonly type: 'ReportStarted'
  readonly task: string
  readonly fence: number
  readonly pid: number | null
}

export interface ReportEnded {
  readonly type: 'ReportEnded'
  readonly task: string
  readonly fence: number
  readonly outcome: AttemptOutcome
  readonly result: AttemptResult
  readonly output: Json
  /** Left out where the task was not to be judged. */
  readonly verdict?: Verdict
}

/**
 * SUCCEEDED, FAILED, TIMED_OUT: the command's own end. STOPPED: it ran, and ended because it was asked to. NOT_STARTED:
 * nothing of it ran, also when a stop came first; LOST: it is gone without an end; both may be tried again. ERRORED: it
 * cannot be executed, or not safely be repeated.
 */
export type AttemptOutcome = 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'STOPPED' | 'NOT_STARTED' | 'LOST' | 'ERRORED'

export interface ReportContactLost {
  readonly type: 'ReportContactLost'
  readonly task: string
  readonly fence: number
  readonly reason: string
}

/** Another dispatcher, or the same one after contact was lost, has found the attempt again. */
export interface ReattachInstance {
  readonly type: 'ReattachInstance'
  readonly task: string
  readonly fence: number
  readonly node: NodeId
}

/** What comes from outside with every command, so that deciding is pure. */
export interface DecisionContext {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** In [0, 1); the jitter of retries. */
  readonly random: number
  /** The value of a task's condition or list; throws where the expression fails. */
  readonly evaluate: (expression: string, scope: ConditionScope) => Json
}

/** What an expression sees. */
export interface ConditionScope {
  readonly parameters: JsonObject
  readonly outputs: { readonly [task: string]: Json }
  readonly run: JsonObject
  /** Of an element of a `forEach`: itself, and its place from 0. */
  readonly item?: Json
  readonly index?: number
}
