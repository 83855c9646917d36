import { assertNever } from '../assert-never.js'
import { type Decision, refuse } from '../rejection.js'
import type { DecisionContext, RequestRun, RunCommand } from './commands.js'
import { decideInstance, timeOutInstance } from './decide-instance.js'
import { decideReport } from './decide-report.js'
import type { RunEvent } from './events.js'
import { checkPriority, MAX_PRIORITY } from './priority.js'
import { instanceEnded } from './settle.js'
import { type InstanceState, isLive, isOpen, type OpenRun, type RunState } from './state.js'
import { isInstanceEnd } from './status.js'

/**
 * What a command makes happen, or why not. What follows from its events by itself is `settle`'s business; `execute`
 * joins the two. Doing nothing is `[]`.
 */
export function decide(command: RunCommand, state: RunState, context: DecisionContext): Decision<RunEvent> {
  if (command.type === 'RequestRun') return requestRun(command, state)
  if (state.status === 'NONE') return refuse('NOT_FOUND', 'The run does not exist')
  switch (command.type) {
    case 'StartRun':
      return state.status === 'QUEUED' ? [{ type: 'RunStarted', data: {} }] : []
    case 'CancelRun':
      return cancelRun(state, command.reason)
    case 'TimeOutRun':
      return isOpen(state) && state.stopping === null
        ? [{ type: 'RunTimeoutReached', data: {} }, ...stopAll(state, 'The run timed out')]
        : []
    case 'PauseRun':
      if (state.status === 'PAUSED') return []
      return state.status === 'RUNNING' ? [{ type: 'RunPaused', data: {} }] : notInState(state, 'paused')
    case 'ResumeRun':
      if (state.status === 'RUNNING') return []
      return state.status === 'PAUSED' ? [{ type: 'RunResumed', data: {} }] : notInState(state, 'resumed')
    case 'SetRunPriority':
      return setPriority(state, () => command.priority, command.reason)
    case 'RaiseRunPriority':
      return setPriority(state, (priority) => Math.min(priority + command.by, MAX_PRIORITY), command.reason)
    case 'TimeOutInstance':
      return isOpen(state) ? timeOutInstance(command, state) : []
    case 'CancelInstance':
    case 'RetryInstance':
    case 'ForceInstance':
      return decideInstance(command, state)
    case 'DispatchInstance':
    case 'ReportStarted':
    case 'ReportEnded':
    case 'ReportContactLost':
    case 'ReattachInstance':
      return isOpen(state) ? decideReport(command, state, context) : []
    default:
      return assertNever(command)
  }
}

function requestRun(command: RequestRun, state: RunState): Decision<RunEvent> {
  if (state.status !== 'NONE') return refuse('CONFLICT', 'The run exists already')
  if (command.plan.tasks.length === 0) return refuse('INVALID', 'A run needs at least one task, given none')
  return [
    { type: 'RunRequested', data: command.request },
    ...command.reused.map((data): RunEvent => ({ type: 'InstanceReused', data })),
    ...(command.isQueued === true ? [] : [{ type: 'RunStarted', data: {} } as const]),
  ]
}

function cancelRun(state: RunState, reason: string | null): Decision<RunEvent> {
  if (isOpen(state)) {
    if (state.stopping !== null) return []
    return [{ type: 'RunCancelRequested', data: { reason } }, ...stopAll(state, reason)]
  }
  return state.status === 'CANCELED' ? [] : notInState(state, 'canceled')
}

/** What waits now and what is queued later goes by it; of a run that is being stopped nothing waits any more. */
function setPriority(state: RunState, wanted: (priority: number) => number, reason: string | null): Decision<RunEvent> {
  if (!isOpen(state) || state.stopping !== null) return notInState(state, 'given another priority')
  const priority = wanted(state.priority)
  const problems = checkPriority(priority)
  if (problems.length > 0) return { rejections: problems }
  return priority === state.priority ? [] : [{ type: 'RunPriorityChanged', data: { priority, reason } }]
}

/** Ends what waits, and asks what lives to stop. */
function stopAll(state: OpenRun, reason: string | null): RunEvent[] {
  return state.plan.tasks.flatMap(({ key, ordinal }): RunEvent[] => {
    const instance = state.instances[ordinal] as InstanceState
    if (isLive(instance)) {
      return instance.stop === null ? [{ type: 'InstanceCancelRequested', data: { task: key, reason } }] : []
    }
    // What stands for its elements ends when they have.
    if (instance.status === 'EXPANDED') return []
    return isInstanceEnd(instance.status) ? [] : [instanceEnded(key, 'CANCELED', reason)]
  })
}

function notInState(state: RunState, what: string): Decision<RunEvent> {
  const is = isOpen(state) ? state.status : `already finished (${state.status})`
  return refuse('NOT_ALLOWED_IN_STATE', `A run that is ${is} cannot be ${what}`, ['runId'])
}
