import type { Placement } from '../domain/queue/lane.js'

/** An instance that waits for capacity, at or near the head of its lane. */
export interface Candidate {
  readonly instanceId: string
  readonly runId: string
  readonly taskKey: string
  readonly queue: string
  readonly projectId: string
  readonly placement: Placement
  /** Milliseconds since the epoch: when it was queued, less a minute for each step of its priority. */
  readonly rank: number
  readonly cpu: number
  readonly memoryBytes: number
  /** It has waited so long that its pool's room is kept for it when its turn comes and it does not fit. */
  readonly isOverdue: boolean
  /** It did not fit, and is here for its room to be kept: it cannot be chosen. */
  readonly isStuck: boolean
}

/** What a dispatcher can take: instances that need no machine, and as many others as its machines have slots. */
export interface Offer {
  readonly machines: readonly OfferedMachine[]
  /** Instances at most. */
  readonly limit: number
}

export interface OfferedMachine {
  readonly id: string
  readonly name: string
}
