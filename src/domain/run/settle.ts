import { MAX_ELEMENTS, MAX_INSTANCES } from '../dag/elements.js'
import type { PlannedTask } from '../dag/plan.js'
import type { Json } from '../json.js'
import type { DecisionContext } from './commands.js'
import { endOfGroup } from './elements.js'
import { ENDED_TYPE, type InstanceEnded, type RunEvent } from './events.js'
import type { ExpandedInstance, InstanceState, OpenRun, RunState } from './state.js'
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
  const [joined] = state.joined
  if (joined !== undefined) return [endOfJoined(state, joined)]
  const isOver = state.plan.stopOnFailure === true && state.failure !== null
  const events = isOver ? skipTheRest(state) : queueReady(state, context)
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

/** What a failure has stopped before it was dispatched, and what waits to be tried again. */
function skipTheRest(state: OpenRun): RunEvent[] {
  const { task: failed, end } = state.failure as NonNullable<OpenRun['failure']>
  return state.plan.tasks.flatMap(({ key, ordinal }) => {
    const { status } = state.instances[ordinal] as InstanceState
    if (status !== 'PENDING' && status !== 'QUEUED' && status !== 'RETRY_WAIT') return []
    return [instanceEnded(key, 'SKIPPED', `Not run: ${failed} ended ${end}`)]
  })
}

function queueReady(state: OpenRun, context: DecisionContext): RunEvent[] {
  const events: RunEvent[] = []
  let free = (state.plan.maxParallel ?? Number.POSITIVE_INFINITY) - state.activeCount
  for (let at = state.ready.head; at < state.ready.entries.length && free > 0; at += 1) {
    const ready = task(state, state.ready.entries[at] as number)
    if (state.instances[ready.ordinal]?.status !== 'PENDING') continue
    const event = nextOf(ready, state, context)
    events.push(event)
    // How many instances the run has by now is known before the next list is read.
    if (event.type === 'InstanceExpanded') break
    if (event.type === 'InstanceQueued') free -= 1
  }
  return events
}

/** What becomes of an instance whose rule holds. */
function nextOf({ key, condition, forEach }: PlannedTask, state: OpenRun, context: DecisionContext): RunEvent {
  try {
    if (condition !== null && !holds(state, condition, context)) return instanceEnded(key, 'SKIPPED')
    if (forEach === undefined) {
      return { type: 'InstanceQueued', data: { task: key, attempt: 1, isHeld: state.status === 'PAUSED' } }
    }
    return { type: 'InstanceExpanded', data: { task: key, items: itemsOf(state, forEach, context) } }
  } catch (error) {
    if (!(error instanceof Unfit)) throw error
    return instanceEnded(key, 'ERRORED', error.message)
  }
}

/** An expression of the task has no value, or not the kind that is needed. */
class Unfit extends Error {}

function holds(state: OpenRun, condition: string, context: DecisionContext): boolean {
  const value = evaluate(state, 'Condition', condition, context)
  if (typeof value === 'boolean') return value
  throw new Unfit(`Condition ${condition} must result in true or false, not ${shown(value)}`)
}

function itemsOf(
  state: OpenRun,
  forEach: NonNullable<PlannedTask['forEach']>,
  context: DecisionContext,
): readonly Json[] {
  const items = typeof forEach === 'string' ? evaluate(state, 'forEach', forEach, context) : forEach
  if (!Array.isArray(items)) throw new Unfit(`forEach ${forEach} must result in a list, not ${shown(items as Json)}`)
  if (items.length > MAX_ELEMENTS) {
    throw new Unfit(`forEach must have at most ${MAX_ELEMENTS} elements, given ${items.length}`)
  }
  const count = state.plan.tasks.length + items.length
  if (count <= MAX_INSTANCES) return items
  throw new Unfit(`forEach must leave its run with at most ${MAX_INSTANCES} instances, not ${count}`)
}

function shown(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 100)}...` : text
}

function task(state: OpenRun, ordinal: number): PlannedTask {
  return state.plan.tasks[ordinal] as PlannedTask
}

function evaluate(state: OpenRun, what: string, expression: string, context: DecisionContext): Json {
  const { name, kind, trigger, logicalDate, parameters } = state.request
  try {
    return context.evaluate(expression, {
      parameters,
      outputs: state.outputs,
      run: { name, kind, trigger, logicalDate },
    })
  } catch (error) {
    throw new Unfit(`${what} ${expression} cannot be evaluated: ${(error as Error).message}`)
  }
}

/** An end that no attempt led to. */
export function instanceEnded(
  key: string,
  end: InstanceEnd,
  errorMessage: string | null = null,
  output: Json = null,
): RunEvent {
  const data: InstanceEnded = {
    task: key,
    attempt: null,
    exitCode: null,
    errorMessage,
    cpuSeconds: null,
    output,
    forcedBecause: null,
  }
  return { type: ENDED_TYPE[end], data }
}

/** Once its last element has ended. */
function endOfJoined(state: OpenRun, ordinal: number): RunEvent {
  const { end, errorMessage, output } = endOfGroup(state.instances[ordinal] as ExpandedInstance)
  return instanceEnded(task(state, ordinal).key, end, errorMessage, output)
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
