import type { RunCommand } from '../domain/run/commands.js'
import type { Prepared } from './prepared.js'

/** Ends what waits of the run, and asks what lives to stop. */
export function cancelRun(runId: string, reason: string | null): Prepared {
  return steer(runId, { type: 'CancelRun', reason })
}

/** Nothing more is dispatched; what runs goes on. */
export function pauseRun(runId: string): Prepared {
  return steer(runId, { type: 'PauseRun' })
}

export function resumeRun(runId: string): Prepared {
  return steer(runId, { type: 'ResumeRun' })
}

/** What waits of it and what will be queued goes by the new one. */
export function setRunPriority(runId: string, priority: number): Prepared {
  return steer(runId, { type: 'SetRunPriority', priority, reason: null })
}

export function raiseRunPriority(runId: string, by: number, reason: string): Prepared {
  return steer(runId, { type: 'RaiseRunPriority', by, reason })
}

function steer(streamId: string, command: RunCommand): Prepared {
  return { streamId, command: { aggregate: 'run', command } }
}
