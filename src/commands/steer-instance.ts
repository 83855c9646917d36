import type { Refused } from '../domain/rejection.js'
import type { RunCommand } from '../domain/run/commands.js'
import type { ForcedEnd } from '../domain/run/events.js'
import type { InstanceStatus } from '../domain/run/status.js'
import { type Prepared, rejection } from './prepared.js'

/** Which instance, as its stream knows it. */
export interface InstanceRef {
  readonly runId: string
  readonly taskKey: string
}

/** Ends a RETRY_WAIT early. */
export function retryInstance(instance: InstanceRef): Prepared {
  return steer(instance, { type: 'RetryInstance', task: instance.taskKey })
}

/** Ends an instance that waits, and asks one that lives to stop. */
export function cancelInstance(instance: InstanceRef, reason: string | null): Prepared {
  return steer(instance, { type: 'CancelInstance', task: instance.taskKey, reason })
}

const FORCED_ENDS: readonly InstanceStatus[] = ['SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELED']
const MAX_REASON = 1_000

/** Decides by hand how an instance ends that has not ended. */
export function forceInstance(instance: InstanceRef, status: InstanceStatus, reason: string): Prepared | Refused {
  const wrong = [
    ...(FORCED_ENDS.includes(status)
      ? []
      : [rejection('INVALID', `The end must be one of ${FORCED_ENDS.join(', ')}, given ${status}`, 'status')]),
    ...(reason.trim().length > 0 ? [] : [rejection('REQUIRED', 'A forced end needs a reason', 'reason')]),
    ...(reason.length <= MAX_REASON
      ? []
      : [
          rejection(
            'TOO_LARGE',
            `A reason must have at most ${MAX_REASON} characters, given ${reason.length}`,
            'reason',
          ),
        ]),
  ]
  if (wrong.length > 0) return { rejections: wrong }
  return steer(instance, { type: 'ForceInstance', task: instance.taskKey, status: status as ForcedEnd, reason })
}

function steer({ runId }: InstanceRef, command: RunCommand): Prepared {
  return { streamId: runId, command: { aggregate: 'run', command } }
}
