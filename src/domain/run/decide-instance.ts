import { assertNever } from '../assert-never.js'
import type { PlannedTask } from '../dag/plan.js'
import { type Decision, isRefused, refuse } from '../rejection.js'
import type { RetryInstance, RunCommand, TimeOutInstance } from './commands.js'
import { ENDED_TYPE, type ForcedEnd, type RunEvent } from './events.js'
import { instanceEnded } from './settle.js'
import {
  type ExpandedInstance,
  type InstanceState,
  isLive,
  isOpen,
  type OpenRun,
  type RunState,
  statusOf,
} from './state.js'
import { isInstanceEnd } from './status.js'

/** One that stands for itself. */
type OwnInstance = Exclude<InstanceState, ExpandedInstance>

export type InstanceCommand = Extract<RunCommand, { type: 'CancelInstance' | 'RetryInstance' | 'ForceInstance' }>

/** What an operator decides about one instance. Ends are final: what has ended is run again by a rerun. */
export function decideInstance(command: InstanceCommand, state: RunState): Decision<RunEvent> {
  if (!isOpen(state)) {
    return refuse('NOT_ALLOWED_IN_STATE', `The run is already finished (${state.status})`, ['instanceId'])
  }
  const ordinal = state.ordinals.get(command.task)
  if (ordinal === undefined) return refuse('NOT_FOUND', `The run has no task ${command.task}`, ['instanceId'])
  const instance = state.instances[ordinal] as InstanceState
  if (instance.status === 'EXPANDED') return decideExpanded(command, ordinal, state)
  switch (command.type) {
    case 'CancelInstance':
      return cancel(command.task, instance, command.reason)
    case 'RetryInstance':
      return retry(command, instance, state.status === 'PAUSED')
    case 'ForceInstance':
      return force(command.task, instance, command.status, command.reason)
    default:
      return assertNever(command)
  }
}

/** A cancel is for all of its elements; what else there is to decide is decided on each of them. */
function decideExpanded(command: InstanceCommand, ordinal: number, state: OpenRun): Decision<RunEvent> {
  if (command.type !== 'CancelInstance') {
    return refuse('NOT_ALLOWED_IN_STATE', `Instance ${command.task} stands for its elements: name one of these`, [
      'instanceId',
    ])
  }
  return state.plan.tasks.flatMap((element) => {
    const instance = state.instances[element.ordinal] as OwnInstance
    if (element.elementOf !== ordinal) return []
    const events = cancel(element.key, instance, command.reason)
    // It has ended, or is forced to an end already.
    return isRefused(events) ? [] : events
  })
}

function cancel(task: string, instance: OwnInstance, reason: string | null): Decision<RunEvent> {
  if (isLive(instance)) {
    if (instance.stop?.kind === 'FORCE') return forcedAlready(task, instance.stop.status, 'CANCELED')
    return instance.stop === null ? [{ type: 'InstanceCancelRequested', data: { task, reason } }] : []
  }
  if (instance.status === 'CANCELED') return []
  if (isInstanceEnd(instance.status)) return finished(task, instance)
  return [instanceEnded(task, 'CANCELED', reason)]
}

function retry({ task, attempt }: RetryInstance, instance: OwnInstance, isHeld: boolean): Decision<RunEvent> {
  if (instance.status === 'RETRY_WAIT') {
    if (attempt !== undefined && attempt !== instance.attempts) return []
    return [{ type: 'InstanceQueued', data: { task, attempt: instance.attempts + 1, isHeld } }]
  }
  if (!isLive(instance) && isInstanceEnd(instance.status)) return finished(task, instance)
  return refuse(
    'NOT_ALLOWED_IN_STATE',
    `Instance ${task} is ${statusOf(instance)}; only one in RETRY_WAIT can be retried`,
    ['instanceId'],
  )
}

function force(task: string, instance: OwnInstance, status: ForcedEnd, reason: string): Decision<RunEvent> {
  if (isLive(instance) && !instance.isUnknown) {
    if (instance.stop?.kind === 'FORCE') return forcedAlready(task, instance.stop.status, status)
    return [{ type: 'InstanceForceRequested', data: { task, status, reason } }]
  }
  if (!isLive(instance) && isInstanceEnd(instance.status)) return finished(task, instance)
  return [forcedEnd(task, isLive(instance) ? instance.attempts : null, status, reason)]
}

function forcedAlready(task: string, decided: ForcedEnd, wanted: ForcedEnd): Decision<RunEvent> {
  if (decided === wanted) return []
  return refuse('NOT_ALLOWED_IN_STATE', `Instance ${task} is being forced to ${decided} already`, ['status'])
}

function forcedEnd(task: string, attempt: number | null, status: ForcedEnd, reason: string): RunEvent {
  const nothing = { exitCode: null, errorMessage: null, cpuSeconds: null, output: null }
  return { type: ENDED_TYPE[status], data: { task, attempt, ...nothing, forcedBecause: reason } }
}

/** The end of a wait in a queue; what has been dispatched meanwhile goes on. */
export function timeOutInstance({ task, attempt }: TimeOutInstance, state: OpenRun): RunEvent[] {
  const ordinal = state.ordinals.get(task)
  const instance = ordinal === undefined ? undefined : state.instances[ordinal]
  if (ordinal === undefined || instance?.status !== 'QUEUED' || instance.attempts + 1 !== attempt) return []
  return [instanceEnded(task, 'TIMED_OUT', waitedTooLong(state.plan.tasks[ordinal] as PlannedTask))]
}

function waitedTooLong({ queue, machine, labels, queueTimeoutMs = 0 }: PlannedTask): string {
  const where =
    machine === null ? (labels === undefined ? '' : ` for a machine with ${labels.join(', ')}`) : ` for ${machine}`
  return `Waited longer than its queueTimeout of ${queueTimeoutMs / 1_000} s in queue ${queue}${where}`
}

function finished(task: string, instance: OwnInstance): Decision<RunEvent> {
  return refuse(
    'NOT_ALLOWED_IN_STATE',
    `Instance ${task} is already finished (${instance.status}); run it again with rerun`,
    ['instanceId'],
  )
}
