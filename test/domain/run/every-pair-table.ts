/**
 * What `decide` answers to every command, by the status of the run and of the instance. Cells: the events in order,
 * without `Instance`; `-` stays quiet; `no` is NOT_ALLOWED_IN_STATE, other refusals are spelled out.
 */

/** The commands that concern the run as a whole: here one that keeps an instance DISPATCHED. */
export const RUN_TABLE = `
run status           | RequestRun | StartRun   | CancelRun                          | TimeOutRun                        | PauseRun  | ResumeRun  | SetRunPriority     | RaiseRunPriority
NONE                 | *          | NOT_FOUND  | NOT_FOUND                          | NOT_FOUND                         | NOT_FOUND | NOT_FOUND  | NOT_FOUND          | NOT_FOUND
QUEUED               | CONFLICT   | RunStarted | RunCancelRequested Canceled        | RunTimeoutReached Canceled        | no        | no         | RunPriorityChanged | RunPriorityChanged
RUNNING              | CONFLICT   | -          | RunCancelRequested CancelRequested | RunTimeoutReached CancelRequested | RunPaused | -          | RunPriorityChanged | RunPriorityChanged
PAUSED               | CONFLICT   | -          | RunCancelRequested CancelRequested | RunTimeoutReached CancelRequested | -         | RunResumed | RunPriorityChanged | RunPriorityChanged
CANCELING (cancel)   | CONFLICT   | -          | -                                  | -                                 | no        | no         | no                 | no
CANCELING (timeout)  | CONFLICT   | -          | -                                  | -                                 | no        | no         | no                 | no
SUCCEEDED            | CONFLICT   | -          | no                                 | -                                 | no        | no         | no                 | no
FAILED               | CONFLICT   | -          | no                                 | -                                 | no        | no         | no                 | no
CANCELED             | CONFLICT   | -          | -                                  | -                                 | no        | no         | no                 | no
TIMED_OUT            | CONFLICT   | -          | no                                 | -                                 | no        | no         | no                 | no
`

/** In a run that is RUNNING. CancelRun and TimeOutRun: what they mean for this instance. Forced is to SKIPPED always. */
export const OPERATOR_TABLE = `
instance status            | CancelRun       | TimeOutRun      | CancelInstance  | RetryInstance | ForceInstance | TimeOutInstance
PENDING                    | Canceled        | Canceled        | Canceled        | no            | Skipped        | -
QUEUED                     | Canceled        | Canceled        | Canceled        | no            | Skipped        | TimedOut
RETRY_WAIT                 | Canceled        | Canceled        | Canceled        | Queued        | Skipped        | -
DISPATCHED                 | CancelRequested | CancelRequested | CancelRequested | no            | ForceRequested | -
RUNNING                    | CancelRequested | CancelRequested | CancelRequested | no            | ForceRequested | -
CANCELING (was DISPATCHED) | -               | -               | -               | no            | ForceRequested | -
CANCELING (was RUNNING)    | -               | -               | -               | no            | ForceRequested | -
CANCELING (forced)         | -               | -               | no              | no            | -              | -
UNKNOWN (was DISPATCHED)   | CancelRequested | CancelRequested | CancelRequested | no            | Skipped        | -
UNKNOWN (was RUNNING)      | CancelRequested | CancelRequested | CancelRequested | no            | Skipped        | -
UNKNOWN (canceling)        | -               | -               | -               | no            | Skipped        | -
UNKNOWN (forced)           | -               | -               | no              | no            | Skipped        | -
RUNNING (of elements)      | -               | -               | -               | no            | no             | -
SUCCEEDED                  | -               | -               | no              | no            | no             | -
FAILED                     | -               | -               | no              | no            | no             | -
ERRORED                    | -               | -               | no              | no            | no             | -
TIMED_OUT                  | -               | -               | no              | no            | no             | -
CANCELED                   | -               | -               | -               | no            | no             | -
SKIPPED                    | -               | -               | no              | no            | no             | -
UPSTREAM_FAILED            | -               | -               | no              | no            | no             | -
`

/** Reports carry the fence of the instance's last attempt, if it had one. */
export const DISPATCHER_TABLE = `
instance status            | DispatchInstance | ReportStarted      | ReportContactLost | ReattachInstance | ReattachInstance (other node)
PENDING                    | -                | -                  | -                 | -                | -
QUEUED                     | Dispatched       | -                  | -                 | -                | -
RETRY_WAIT                 | -                | -                  | -                 | -                | -
DISPATCHED                 | -                | Started            | ContactLost       | -                | Reattached
RUNNING                    | -                | -                  | ContactLost       | -                | Reattached
CANCELING (was DISPATCHED) | -                | Started            | ContactLost       | -                | Reattached
CANCELING (was RUNNING)    | -                | -                  | ContactLost       | -                | Reattached
CANCELING (forced)         | -                | -                  | ContactLost       | -                | Reattached
UNKNOWN (was DISPATCHED)   | -                | Reattached Started | -                 | Reattached       | Reattached
UNKNOWN (was RUNNING)      | -                | Reattached         | -                 | Reattached       | Reattached
UNKNOWN (canceling)        | -                | Reattached         | -                 | Reattached       | Reattached
UNKNOWN (forced)           | -                | Reattached         | -                 | Reattached       | Reattached
RUNNING (of elements)      | -                | -                  | -                 | -                | -
SUCCEEDED                  | -                | -                  | -                 | -                | -
FAILED                     | -                | -                  | -                 | -                | -
ERRORED                    | -                | -                  | -                 | -                | -
TIMED_OUT                  | -                | -                  | -                 | -                | -
CANCELED                   | -                | -                  | -                 | -                | -
SKIPPED                    | -                | -                  | -                 | -                | -
UPSTREAM_FAILED            | -                | -                  | -                 | -                | -
`

/** ReportEnded by its outcome; \`+\` stands for what is in the column \`+\`: the signs of life that come before. */
export const ENDED_TABLE = `
instance status            | +                  | SUCCEEDED   | FAILED          | TIMED_OUT       | STOPPED    | NOT_STARTED   | LOST          | ERRORED
PENDING                    | -                  | -           | -               | -               | -          | -             | -             | -
QUEUED                     | -                  | -           | -               | -               | -          | -             | -             | -
RETRY_WAIT                 | -                  | -           | -               | -               | -          | -             | -             | -
DISPATCHED                 | Started            | + Succeeded | + AttemptFailed | + AttemptFailed | + Canceled | AttemptFailed | AttemptFailed | Errored
RUNNING                    | -                  | + Succeeded | + AttemptFailed | + AttemptFailed | + Canceled | AttemptFailed | AttemptFailed | Errored
CANCELING (was DISPATCHED) | Started            | + Succeeded | + Failed        | + TimedOut      | + Canceled | Canceled      | Canceled      | Errored
CANCELING (was RUNNING)    | -                  | + Succeeded | + Failed        | + TimedOut      | + Canceled | Canceled      | Canceled      | Errored
CANCELING (forced)         | -                  | + Skipped   | + Skipped       | + Skipped       | + Skipped  | Skipped       | Skipped       | Skipped
UNKNOWN (was DISPATCHED)   | Reattached Started | + Succeeded | + AttemptFailed | + AttemptFailed | + Canceled | AttemptFailed | AttemptFailed | Errored
UNKNOWN (was RUNNING)      | Reattached         | + Succeeded | + AttemptFailed | + AttemptFailed | + Canceled | AttemptFailed | AttemptFailed | Errored
UNKNOWN (canceling)        | Reattached         | + Succeeded | + Failed        | + TimedOut      | + Canceled | Canceled      | Canceled      | Errored
UNKNOWN (forced)           | Reattached         | + Skipped   | + Skipped       | + Skipped       | + Skipped  | Skipped       | Skipped       | Skipped
RUNNING (of elements)      | -                  | -           | -               | -               | -          | -             | -             | -
SUCCEEDED                  | -                  | -           | -               | -               | -          | -             | -             | -
FAILED                     | -                  | -           | -               | -               | -          | -             | -             | -
ERRORED                    | -                  | -           | -               | -               | -          | -             | -             | -
TIMED_OUT                  | -                  | -           | -               | -               | -          | -             | -             | -
CANCELED                   | -                  | -           | -               | -               | -          | -             | -             | -
SKIPPED                    | -                  | -           | -               | -               | -          | -             | -             | -
UPSTREAM_FAILED            | -                  | -           | -               | -               | -          | -             | -             | -
`

export type Table = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Row -> column -> cell. */
export function parseTable(text: string): Table {
  const [head, ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
  return new Map(
    (rows as string[][]).map(([status, ...cells]) => {
      return [status as string, new Map(cells.map((cell, at) => [(head as string[])[at + 1] as string, cell]))]
    }),
  )
}
