import { downstreamOf } from '../dag/execution-order.js'
import type { Plan } from '../dag/plan.js'
import type { NodeId } from '../ids.js'
import type { Json } from '../json.js'
import type { ForcedEnd, RunRequested } from './events.js'
import type { InstanceEnd, InstanceStatus, RunEnd } from './status.js'

/** Only what the rules need; what is for display belongs to the projections. */
export type RunState = NoRun | OpenRun | EndedRun

export interface NoRun {
  readonly status: 'NONE'
  readonly version: 0
}

export interface EndedRun {
  readonly status: RunEnd
  version: number
}

export interface OpenRun {
  status: 'QUEUED' | 'RUNNING' | 'PAUSED' | 'CANCELING'
  version: number
  readonly request: RunRequested
  /** As it is by now; a task's comes on top. */
  priority: number
  /** With the tasks of elements behind its own, once their lists were read. */
  plan: Plan
  readonly ordinals: Map<string, number>
  readonly downstream: number[][]
  readonly instances: InstanceState[]
  /** Decided but not yet done: a cancel or the run's timeout. */
  stopping: { readonly end: 'CANCELED' | 'TIMED_OUT'; readonly reason: string | null } | null
  /** Instances whose rule holds and that are not queued yet, first come first served. */
  readonly ready: Fifo<number>
  /** Instances whose rule can no longer hold; which end that is, is judged when it comes. */
  readonly doomed: Fifo<number>
  /** Instances whose elements have all ended, and that have not ended themselves. */
  readonly joined: Set<number>
  /** From the first InstanceQueued to the end, waits for a retry included: what `maxParallel` counts. */
  activeCount: number
  openCount: number
  /** The first end that fails the run. */
  failure: { readonly task: string; readonly end: InstanceEnd } | null
  /** The task keys whose output some condition or list may read. */
  readonly readOutputs: ReadonlySet<string>
  readonly outputs: { [task: string]: Json }
}

/** Worked off from `head`; emptied when it has been worked off whole. */
export interface Fifo<Entry> {
  readonly entries: Entry[]
  head: number
}

export type InstanceState =
  | PendingInstance
  | ExpandedInstance
  | QueuedInstance
  | WaitingInstance
  | LiveInstance
  | EndedInstance

interface Attempts {
  /** Attempts made so far, both budgets. */
  attempts: number
  /** Of these, the ones that the infrastructure failed. */
  infrastructureFailures: number
}

export interface PendingInstance {
  readonly status: 'PENDING'
  /** How its upstreams have ended, as its rule counts them (a failure counts as success under skipFailed). */
  succeeded: number
  failed: number
  skipped: number
  isJudged: boolean
}

/** It stands for its elements: shown as RUNNING. */
export interface ExpandedInstance {
  readonly status: 'EXPANDED'
  readonly total: number
  /** How elements have ended; a cancel is no failure here. */
  readonly ended: { SUCCEEDED: number; FAILED: number; CANCELED: number; SKIPPED: number }
  /** The first that failed. */
  failure: { readonly task: string; readonly end: InstanceEnd } | null
  /** By the elements' places; null: together they are too large. */
  outputs: Json[] | null
  outputsLength: number
}

export interface QueuedInstance extends Attempts {
  readonly status: 'QUEUED'
}

/** RETRY_WAIT. */
export interface WaitingInstance extends Attempts {
  readonly status: 'RETRY_WAIT'
  readonly retryDelayMs: number
}

/** Someone executes it, or did when last heard of. */
export interface LiveInstance extends Attempts {
  readonly status: 'DISPATCHED' | 'RUNNING'
  /** The version of its InstanceDispatched. */
  readonly fence: number
  node: NodeId
  /** Contact is lost: shown as UNKNOWN. */
  isUnknown: boolean
  stop:
    | { readonly kind: 'CANCEL' }
    | { readonly kind: 'FORCE'; readonly status: ForcedEnd; readonly reason: string }
    | null
}

export interface EndedInstance {
  readonly status: InstanceEnd
}

export const NO_RUN: NoRun = { status: 'NONE', version: 0 }

export function isOpen(state: RunState): state is OpenRun {
  return 'instances' in state
}

export function isLive(instance: InstanceState): instance is LiveInstance {
  return 'fence' in instance
}

/** The status that the API shows. */
export function statusOf(instance: InstanceState): InstanceStatus {
  if (!isLive(instance)) return instance.status === 'EXPANDED' ? 'RUNNING' : instance.status
  if (instance.isUnknown) return 'UNKNOWN'
  return instance.stop === null ? instance.status : 'CANCELING'
}

/** The state right after `RunRequested`. */
export function openRun(request: RunRequested, plan: Plan): OpenRun {
  return {
    status: 'QUEUED',
    version: 1,
    request,
    priority: request.priority,
    plan,
    ordinals: new Map(plan.tasks.map((task) => [task.key, task.ordinal])),
    downstream: downstreamOf(plan.tasks.map((task) => task.needs)),
    instances: plan.tasks.map(() => ({ status: 'PENDING', succeeded: 0, failed: 0, skipped: 0, isJudged: false })),
    stopping: null,
    ready: { entries: [], head: 0 },
    doomed: { entries: [], head: 0 },
    joined: new Set(),
    activeCount: 0,
    openCount: plan.tasks.length,
    failure: null,
    readOutputs: outputsRead(plan),
    // A task may be called `__proto__`.
    outputs: Object.create(null),
  }
}

/** `outputs.key`, unless it calls a function of that name, or `outputs["key"]`. */
const NAMED_OUTPUT = /outputs\s*(?:\.\s*([A-Za-z_]\w*)\b(?!\s*\()|\[\s*(["'])([\w-]+)\2\s*\])/g

/**
 * The outputs that some condition or list may read: those that it names, or all where it uses `outputs` in any other way
 * (`outputs.all(...)`, a computed key). Perhaps more than it reads, never less.
 */
function outputsRead(plan: Plan): ReadonlySet<string> {
  const keys = new Set<string>()
  for (const { condition, forEach } of plan.tasks) {
    const text = [condition, forEach].filter((each) => typeof each === 'string').join('\n')
    const named = [...text.matchAll(NAMED_OUTPUT)]
    if (named.length < text.split('outputs').length - 1) return new Set(plan.tasks.map((task) => task.key))
    for (const [, dotted, , quoted] of named) keys.add(dotted ?? (quoted as string))
  }
  return keys
}
