import type { Instance } from './instances.js'
import type { Run } from './run.js'
import type { Waits } from './waits.js'

/** An instance as a change of it reports it. */
export type InstanceProgress = Pick<
  Instance,
  | 'taskKey'
  | 'status'
  | 'engine'
  | 'executionOrder'
  | 'exitCode'
  | 'errorMessage'
  | 'startedAt'
  | 'endedAt'
  | 'durationSeconds'
  | 'attempts'
>

/** Shows how a run goes on, to people or to programs. The same state may come again, and one that was overtaken late. */
export interface RunWatcher {
  /** Comes before everything else, and again after a cut. */
  state(run: Run): void
  /** `isLive`: it has just happened; otherwise it was read from the state. */
  instance(progress: InstanceProgress, at: string, isLive: boolean): void
  run(status: string, at: string): void
  /** What keeps those that wait, now and again; who is left out is not known to wait for anything. */
  waits(waits: Waits, at: string): void
  /** Something hinders the watching, not the run. */
  warn(message: string): void
  /** Nothing more comes. */
  end(): void
}

/** Look at these first, in this order: what failed of itself, then what moves. */
export const FAILED_STATUSES: readonly string[] = ['FAILED', 'ERRORED', 'TIMED_OUT', 'UNKNOWN']
export const MOVING_STATUSES: readonly string[] = ['RETRY_WAIT', 'CANCELING', 'RUNNING', 'DISPATCHED']

const ENDS = new Set(['SUCCEEDED', 'FAILED', 'ERRORED', 'TIMED_OUT', 'CANCELED', 'SKIPPED', 'UPSTREAM_FAILED'])

/** Ends are final: an instance that has ended never changes again. */
export function hasInstanceEnded(status: string): boolean {
  return ENDS.has(status)
}
