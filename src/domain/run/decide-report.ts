import { assertNever } from '../assert-never.js'
import type { PlannedTask } from '../dag/plan.js'
import type { Decision } from '../rejection.js'
import type { AttemptOutcome, DecisionContext, ReportEnded, RunCommand } from './commands.js'
import { ENDED_TYPE, type InstanceEnded, type RunEvent } from './events.js'
import { holdsFence } from './evolve.js'
import { decideRetry } from './retry.js'
import type { InstanceState, LiveInstance, OpenRun } from './state.js'
import type { InstanceEnd } from './status.js'

export type ReportCommand = Extract<
  RunCommand,
  { type: 'DispatchInstance' | 'ReportStarted' | 'ReportEnded' | 'ReportContactLost' | 'ReattachInstance' }
>

/** What dispatchers do and tell. A report of an attempt that is no longer the present one changes nothing. */
export function decideReport(command: ReportCommand, state: OpenRun, context: DecisionContext): Decision<RunEvent> {
  const ordinal = state.ordinals.get(command.task)
  const instance = ordinal === undefined ? undefined : state.instances[ordinal]
  if (ordinal === undefined || instance === undefined) return []
  if (command.type === 'DispatchInstance') {
    if (state.status !== 'RUNNING' || instance.status !== 'QUEUED') return []
    const { task, node, machineId } = command
    return [{ type: 'InstanceDispatched', data: { task, attempt: instance.attempts + 1, node, machineId } }]
  }
  if (!holdsFence(instance, command.fence)) return []
  switch (command.type) {
    case 'ReportStarted':
      return started(command.task, command.pid, instance)
    case 'ReportEnded':
      return ended(command, state.plan.tasks[ordinal] as PlannedTask, instance, state, context)
    case 'ReportContactLost':
      return instance.isUnknown
        ? []
        : [{ type: 'InstanceContactLost', data: { task: command.task, reason: command.reason } }]
    case 'ReattachInstance':
      return instance.isUnknown || instance.node !== command.node
        ? [{ type: 'InstanceReattached', data: { task: command.task, node: command.node, status: instance.status } }]
        : []
    default:
      return assertNever(command)
  }
}

function started(task: string, pid: number | null, instance: LiveInstance): RunEvent[] {
  return [
    ...(instance.isUnknown ? [reattached(task, instance)] : []),
    ...(instance.status === 'DISPATCHED'
      ? [{ type: 'InstanceStarted', data: { task, attempt: instance.attempts, pid } } as const]
      : []),
  ]
}

function reattached(task: string, instance: LiveInstance): RunEvent {
  return { type: 'InstanceReattached', data: { task, node: instance.node, status: instance.status } }
}

const RAN: ReadonlySet<AttemptOutcome> = new Set(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'STOPPED'])

function ended(
  report: ReportEnded,
  planned: PlannedTask,
  instance: LiveInstance,
  state: OpenRun,
  context: DecisionContext,
): RunEvent[] {
  const before: RunEvent[] = RAN.has(report.outcome) ? started(report.task, null, instance) : []
  const { task, result, output } = report
  const attempt = instance.attempts
  if (instance.stop?.kind === 'FORCE') {
    const { status, reason } = instance.stop
    return [...before, end(status, { task, attempt, ...result, output: null, forcedBecause: reason })]
  }
  const isStopping = instance.stop !== null || state.stopping !== null
  const retry = isStopping
    ? null
    : decideRetry(planned.retry, report.outcome, result.exitCode, instance, context.random)
  if (retry === null) {
    const status = finalEnd(report.outcome, isStopping)
    const judged = report.verdict === undefined ? {} : { verdict: report.verdict }
    return [...before, end(status, { task, attempt, ...result, output, forcedBecause: null, ...judged })]
  }
  const { budget, delayMs } = retry
  const status = budget === 'INFRASTRUCTURE' ? 'ERRORED' : report.outcome === 'TIMED_OUT' ? 'TIMED_OUT' : 'FAILED'
  return [
    ...before,
    { type: 'InstanceAttemptFailed', data: { task, attempt, status, budget, retryDelayMs: delayMs, ...result } },
    ...(delayMs === 0 ? [requeued(task, instance, state)] : []),
  ]
}

function requeued(task: string, instance: InstanceState & { attempts: number }, state: OpenRun): RunEvent {
  return { type: 'InstanceQueued', data: { task, attempt: instance.attempts + 1, isHeld: state.status === 'PAUSED' } }
}

function end(status: InstanceEnd, data: InstanceEnded): RunEvent {
  return { type: ENDED_TYPE[status], data }
}

/** A stopped attempt is CANCELED, but one that came to its own end before the signal keeps that end. */
function finalEnd(outcome: AttemptOutcome, isStopping: boolean): InstanceEnd {
  switch (outcome) {
    case 'SUCCEEDED':
    case 'FAILED':
    case 'TIMED_OUT':
    case 'ERRORED':
      return outcome
    case 'STOPPED':
      return 'CANCELED'
    case 'NOT_STARTED':
    case 'LOST':
      return isStopping ? 'CANCELED' : 'ERRORED'
    default:
      return assertNever(outcome)
  }
}
