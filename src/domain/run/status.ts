/** docs/run-states.md draws both machines. */
export type RunStatus = 'QUEUED' | 'RUNNING' | 'PAUSED' | 'CANCELING' | RunEnd
export type RunEnd = 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'TIMED_OUT'

export type InstanceStatus =
  | 'PENDING'
  | 'QUEUED'
  | 'DISPATCHED'
  | 'RUNNING'
  | 'RETRY_WAIT'
  | 'CANCELING'
  | 'UNKNOWN'
  | InstanceEnd

export const INSTANCE_ENDS = [
  'SUCCEEDED',
  'FAILED',
  'ERRORED',
  'TIMED_OUT',
  'CANCELED',
  'SKIPPED',
  'UPSTREAM_FAILED',
] as const

/** SUCCEEDED; FAILED: the task said so; ERRORED: it could not be executed. Ends never change. */
export type InstanceEnd = (typeof INSTANCE_ENDS)[number]

/** What an end means to the rules downstream: `failed` is every end but success and skip. */
export type EndClass = 'succeeded' | 'failed' | 'skipped'

export function classOf(end: InstanceEnd): EndClass {
  if (end === 'SUCCEEDED') return 'succeeded'
  return end === 'SKIPPED' ? 'skipped' : 'failed'
}

export function isInstanceEnd(status: InstanceStatus): status is InstanceEnd {
  return (INSTANCE_ENDS as readonly string[]).includes(status)
}

const RUN_ENDS: ReadonlySet<RunStatus> = new Set<RunEnd>(['SUCCEEDED', 'FAILED', 'CANCELED', 'TIMED_OUT'])

export function isRunEnd(status: RunStatus): status is RunEnd {
  return RUN_ENDS.has(status)
}
