import type { Plan } from '../dag/plan.js'
import type { DecisionContext } from './commands.js'
import { ENDED_TYPE, type InstanceEnded, type RunEvent } from './events.js'
import type { OpenRun, RunState } from './state.js'
import type { InstanceEnd } from './status.js'
import { rulingOf } from './trigger-rules.js'

/**
 * The run's next steps that nobody has to ask for: instances whose rule can no longer hold end, instances whose rule
 * holds are queued as far as `maxParallel` allows, and when nothing is left the run ends. Called until it has nothing
 * more to say.
 */
export function settle(state: RunState, context: DecisionContext): readonly RunEvent[] {
  if (!('instances' in state) || state.status === 'QUEUED') return []
  const doomed = state.doomed.entries[state.doomed.head]
  if (doomed !== undefined) return [endOfDoomed(state, doomed)]
  const events = queueReady(state, context)
  if (events.length > 0 || state.openCount > 0) return events
  return [endOfRun(state)]
}

/**
 * One at a time, and judged once more: an upstream that has failed since then makes UPSTREAM_FAILED of SKIPPED, so that
 * the end agrees with all the events before it.
 */
function endOfDoomed(state: OpenRun, ordinal: number): RunEvent {
  return instanceEnded(task(state, ordinal).key, rulingOf(state, ordinal) as 'SKIPPED' | 'UPSTREAM_FAILED')
}

function queueReady(state: OpenRun, context: DecisionContext): RunEvent[] {
  const events: RunEvent[] = []
  let free = (state.plan.maxParallel ?? Number.POSITIVE_INFINITY) - state.activeCount
  for (let at = state.ready.head; at < state.ready.entries.length && free > 0; at += 1) {
    const { key, condition, ordinal } = task(state, state.ready.entries[at] as number)
    if (state.instances[ordinal]?.status !== 'PENDING') continue
    const verdict = condition === null ? true : evaluate(state, condition, context)
    if (verdict === true) {
      events.push({ type: 'InstanceQueued', data: { task: key, attempt: 1, isHeld: state.status === 'PAUSED' } })
      free -= 1
    } else {
      events.push(
        verdict === false ? instanceEnded(key, 'SKIPPED') : instanceEnded(key, 'ERRORED', verdict.errorMessage),
      )
    }
  }
  return events
}

function task(state: OpenRun, ordinal: number): Plan['tasks'][number] {
  return state.plan.tasks[ordinal] as Plan['tasks'][number]
}

function evaluate(state: OpenRun, condition: string, context: DecisionContext): boolean | { errorMessage: string } {
  const { name, kind, trigger, logicalDate, parameters } = state.request
  try {
    return context.evaluate(condition, {
      parameters,
      outputs: state.outputs,
      run: { name, kind, trigger, logicalDate },
    })
  } catch (error) {
    return { errorMessage: `Condition ${condition} cannot be evaluated: ${(error as Error).message}` }
  }
}

/** An end that no attempt led to. */
export function instanceEnded(key: string, end: InstanceEnd, errorMessage: string | null = null): RunEvent {
  const data: InstanceEnded = {
    task: key,
    attempt: null,
    exitCode: null,
    errorMessage,
    cpuSeconds: null,
    output: null,
    forcedBecause: null,
  }
  return { type: ENDED_TYPE[end], data }
}

function endOfRun(state: OpenRun): RunEvent {
  const { stopping, failure } = state
  if (stopping?.end === 'TIMED_OUT') {
    const limit = (state.plan.timeoutMs ?? 0) / 1_000
    return { type: 'RunTimedOut', data: { errorMessage: `The run took longer than its timeout of ${limit} s` } }
  }
  if (stopping !== null) return { type: 'RunCanceled', data: { reason: stopping.reason } }
  if (failure === null) return { type: 'RunSucceeded', data: {} }
  return { type: 'RunFailed', data: { errorMessage: `Task ${failure.task} ended ${failure.end}` } }
}
