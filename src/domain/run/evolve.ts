import { assertNever } from '../assert-never.js'
import type { Plan, PlannedTask } from '../dag/plan.js'
import type { Json } from '../json.js'
import { endElement, expand } from './elements.js'
import { END_OF, type InstanceDispatched, type InstanceEnded, type RunEvent } from './events.js'
import {
  type EndedRun,
  type Fifo,
  type InstanceState,
  isLive,
  type LiveInstance,
  type OpenRun,
  openRun,
  type QueuedInstance,
  type RunState,
  type WaitingInstance,
} from './state.js'
import { classOf, type InstanceEnd, type RunEnd } from './status.js'
import { rulingOf } from './trigger-rules.js'

/**
 * What has happened, applied. It never refuses, and it may change the state that it is given: one completion costs as
 * much as the task has dependants. `plan` is read for `RunRequested` only.
 */
export function evolve(state: RunState, event: RunEvent, plan: Plan | null): RunState {
  if (event.type === 'RunRequested') return openRun(event.data, planFor(event.data.plan ?? plan))
  if (!('instances' in state)) throw new Error(`${event.type} cannot follow on a run that is ${state.status}`)
  state.version += 1
  switch (event.type) {
    case 'RunStarted':
      state.status = 'RUNNING'
      for (const task of state.plan.tasks) judgeInstance(state, task.ordinal)
      return state
    case 'RunPaused':
      state.status = 'PAUSED'
      return state
    case 'RunResumed':
      state.status = 'RUNNING'
      return state
    case 'RunPriorityChanged':
      state.priority = event.data.priority
      return state
    case 'RunCancelRequested':
      return stopping(state, 'CANCELED', event.data.reason)
    case 'RunTimeoutReached':
      return stopping(state, 'TIMED_OUT', null)
    case 'RunSucceeded':
      return ended(state, 'SUCCEEDED')
    case 'RunFailed':
      return ended(state, 'FAILED')
    case 'RunCanceled':
      return ended(state, 'CANCELED')
    case 'RunTimedOut':
      return ended(state, 'TIMED_OUT')
    default:
      evolveInstance(state, event)
      advance(state.ready, state)
      advance(state.doomed, state)
      return state
  }
}

function planFor(plan: Plan | null): Plan {
  if (plan === null) throw new Error('A run needs the plan of its DAG version to be replayed')
  return plan
}

function stopping(state: OpenRun, end: 'CANCELED' | 'TIMED_OUT', reason: string | null): OpenRun {
  state.status = 'CANCELING'
  state.stopping = { end, reason }
  return state
}

function ended(state: OpenRun, status: RunEnd): EndedRun {
  return { status, version: state.version }
}

type InstanceEvent = Extract<RunEvent, { type: `Instance${string}` }>

function evolveInstance(state: OpenRun, event: InstanceEvent): void {
  const ordinal = state.ordinals.get(event.data.task) as number
  const instance = state.instances[ordinal] as InstanceState
  switch (event.type) {
    case 'InstanceExpanded':
      expand(state, ordinal, event.data.items.length)
      break
    case 'InstanceQueued':
      if (instance.status === 'PENDING') state.activeCount += 1
      state.instances[ordinal] = queued(instance)
      break
    case 'InstanceDispatched':
      state.instances[ordinal] = dispatched(instance as QueuedInstance, event.data, state.version)
      break
    case 'InstanceStarted':
      state.instances[ordinal] = { ...(instance as LiveInstance), status: 'RUNNING' }
      break
    case 'InstanceAttemptFailed':
      state.instances[ordinal] = waiting(instance as LiveInstance, event.data.budget, event.data.retryDelayMs)
      break
    case 'InstanceContactLost':
    case 'InstanceReattached':
    case 'InstanceCancelRequested':
    case 'InstanceForceRequested':
      evolveLive(instance as LiveInstance, event)
      break
    case 'InstanceReused':
      endInstance(state, ordinal, event.data.status, event.data.output)
      break
    case 'InstanceSucceeded':
    case 'InstanceFailed':
    case 'InstanceErrored':
    case 'InstanceTimedOut':
    case 'InstanceCanceled':
    case 'InstanceSkipped':
    case 'InstanceUpstreamFailed':
      endInstance(state, ordinal, END_OF[event.type], (event.data as InstanceEnded).output)
      break
    default:
      assertNever(event)
  }
}

type LiveEvent = Extract<
  RunEvent,
  { type: 'InstanceContactLost' | 'InstanceReattached' | 'InstanceCancelRequested' | 'InstanceForceRequested' }
>

function evolveLive(instance: LiveInstance, event: LiveEvent): void {
  switch (event.type) {
    case 'InstanceContactLost':
      instance.isUnknown = true
      return
    case 'InstanceReattached':
      instance.isUnknown = false
      instance.node = event.data.node
      return
    case 'InstanceCancelRequested':
      instance.stop = { kind: 'CANCEL' }
      return
    case 'InstanceForceRequested':
      instance.stop = { kind: 'FORCE', status: event.data.status, reason: event.data.reason }
      return
    default:
      assertNever(event)
  }
}

function queued(instance: InstanceState): QueuedInstance {
  const { attempts, infrastructureFailures } = attemptsOf(instance)
  return { status: 'QUEUED', attempts, infrastructureFailures }
}

function attemptsOf(instance: InstanceState): { attempts: number; infrastructureFailures: number } {
  return 'attempts' in instance ? instance : { attempts: 0, infrastructureFailures: 0 }
}

function dispatched(instance: QueuedInstance, data: InstanceDispatched, fence: number): LiveInstance {
  return {
    status: 'DISPATCHED',
    attempts: data.attempt,
    infrastructureFailures: instance.infrastructureFailures,
    fence,
    node: data.node,
    isUnknown: false,
    stop: null,
  }
}

function waiting(instance: LiveInstance, budget: 'USER' | 'INFRASTRUCTURE', retryDelayMs: number): WaitingInstance {
  return {
    status: 'RETRY_WAIT',
    attempts: instance.attempts,
    infrastructureFailures: instance.infrastructureFailures + (budget === 'INFRASTRUCTURE' ? 1 : 0),
    retryDelayMs,
  }
}

function endInstance(state: OpenRun, ordinal: number, end: InstanceEnd, output: Json): void {
  const task = state.plan.tasks[ordinal] as PlannedTask
  const { status } = state.instances[ordinal] as InstanceState
  if (status !== 'PENDING' && status !== 'EXPANDED') state.activeCount -= 1
  state.instances[ordinal] = { status: end }
  state.openCount -= 1
  state.joined.delete(ordinal)
  if (task.elementOf === undefined) endTask(state, task, end, output)
  else endElement(state, task, end, output)
}

/** Counted by what comes after it, and by the run. */
function endTask(state: OpenRun, task: PlannedTask, end: InstanceEnd, output: Json): void {
  const downstream = state.downstream[task.ordinal] as readonly number[]
  if (state.readOutputs.has(task.key)) state.outputs[task.key] = output
  const kind = classOf(end)
  if (kind === 'failed' && state.failure === null && (!state.plan.skipFailed || downstream.length === 0)) {
    state.failure = { task: task.key, end }
  }
  const counted = kind === 'failed' && state.plan.skipFailed ? 'succeeded' : kind
  for (const child of downstream) {
    const instance = state.instances[child] as InstanceState
    if (instance.status !== 'PENDING') continue
    instance[counted] += 1
    judgeInstance(state, child)
  }
}

/** Hears the task's rule, once it has something to say; before the run has started nobody asks. */
function judgeInstance(state: OpenRun, ordinal: number): void {
  const instance = state.instances[ordinal] as InstanceState
  if (state.status === 'QUEUED' || instance.status !== 'PENDING' || instance.isJudged) return
  const ruling = rulingOf(state, ordinal)
  if (ruling === 'WAIT') return
  instance.isJudged = true
  const fifo = ruling === 'READY' ? state.ready : state.doomed
  fifo.entries.push(ordinal)
}

/** Moves past what has been dealt with. */
function advance(fifo: Fifo<number>, { instances }: OpenRun): void {
  while (fifo.head < fifo.entries.length && instances[fifo.entries[fifo.head] as number]?.status !== 'PENDING') {
    fifo.head += 1
  }
  if (fifo.head > 0 && fifo.head === fifo.entries.length) {
    fifo.entries.length = 0
    fifo.head = 0
  }
}

/** For callers that must not touch what is not theirs: whether this attempt is the instance's present one. */
export function holdsFence(instance: InstanceState, fence: number): instance is LiveInstance {
  return isLive(instance) && instance.fence === fence
}
