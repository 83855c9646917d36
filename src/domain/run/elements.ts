import { elementTasks, parseElementKey } from '../dag/elements.js'
import type { PlannedTask } from '../dag/plan.js'
import type { Json } from '../json.js'
import type { ExpandedInstance, OpenRun } from './state.js'
import type { InstanceEnd } from './status.js'

/** What the outputs of a task's elements may come to together, in characters of JSON: as much as one task's. */
const MAX_OUTPUTS_LENGTH = 1_000_000

/** `InstanceExpanded`, applied: the elements are there and ready, and their task waits for them. */
export function expand(state: OpenRun, ordinal: number, count: number): void {
  const elements = elementTasks(state.plan, ordinal, count)
  state.plan = { ...state.plan, tasks: [...state.plan.tasks, ...elements] }
  for (const element of elements) {
    state.ordinals.set(element.key, element.ordinal)
    state.downstream.push([])
    state.instances.push({ status: 'PENDING', succeeded: 0, failed: 0, skipped: 0, isJudged: true })
    state.ready.entries.push(element.ordinal)
  }
  state.openCount += count
  state.instances[ordinal] = {
    status: 'EXPANDED',
    total: count,
    ended: { SUCCEEDED: 0, FAILED: 0, CANCELED: 0, SKIPPED: 0 },
    failure: null,
    outputs: new Array<Json>(count).fill(null),
    outputsLength: 0,
  }
  if (count === 0) state.joined.add(ordinal)
}

/** One element's end, counted with its task. */
export function endElement(state: OpenRun, { key, elementOf }: PlannedTask, end: InstanceEnd, output: Json): void {
  const task = elementOf as number
  const group = state.instances[task] as ExpandedInstance
  group.ended[kindOf(end)] += 1
  if (kindOf(end) === 'FAILED') group.failure ??= { task: key, end }
  if (output !== null) keepOutput(group, parseElementKey(key)?.index as number, output)
  const { SUCCEEDED, FAILED, CANCELED, SKIPPED } = group.ended
  if (SUCCEEDED + FAILED + CANCELED + SKIPPED === group.total) state.joined.add(task)
}

function kindOf(end: InstanceEnd): keyof ExpandedInstance['ended'] {
  if (end === 'CANCELED' || end === 'SKIPPED' || end === 'SUCCEEDED') return end
  return 'FAILED'
}

function keepOutput(group: ExpandedInstance, index: number, output: Json): void {
  if (group.outputs === null) return
  group.outputsLength += JSON.stringify(output).length
  if (group.outputsLength > MAX_OUTPUTS_LENGTH) group.outputs = null
  else group.outputs[index] = output
}

/** What the elements' ends make of their task's: a failure, else a cancel, else a success; all skipped is a skip. */
export function endOfGroup({ total, ended, failure, outputs }: ExpandedInstance): {
  readonly end: InstanceEnd
  readonly errorMessage: string | null
  readonly output: Json
} {
  const isWithout = failure !== null || ended.CANCELED > 0 || (total > 0 && ended.SKIPPED === total)
  if (!isWithout && outputs === null) {
    const errorMessage = `The outputs of its elements must come to at most ${MAX_OUTPUTS_LENGTH} characters together`
    return { end: 'ERRORED', errorMessage, output: null }
  }
  if (failure !== null) {
    const errorMessage = `${ended.FAILED} of ${total} elements failed, ${failure.task} first: ${failure.end}`
    return { end: 'FAILED', errorMessage, output: outputs }
  }
  if (ended.CANCELED > 0) {
    return { end: 'CANCELED', errorMessage: `${ended.CANCELED} of ${total} elements were canceled`, output: outputs }
  }
  return { end: isWithout ? 'SKIPPED' : 'SUCCEEDED', errorMessage: null, output: isWithout ? null : outputs }
}
