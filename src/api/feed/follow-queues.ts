import { setTimeout as delay } from 'node:timers/promises'
import type { StoredEvent } from '../../history/event.js'
import { Wake } from '../../platform/wake.js'
import { getQueues, type QueueRow } from '../../projections/capacity/capacity-rows.js'
import { findQueueIds } from '../../projections/capacity/find-names.js'
import { loadQueue } from '../capacity/load-capacity.js'
import type { Context } from '../context.js'
import type { QueueFeedArgs } from './feed.type.js'
import { follow } from './follow.js'
import { notThere } from './updates.js'

/** The state of a queue at or behind a position. */
export interface QueueUpdateRow {
  readonly position: number
  readonly queue: QueueRow
}

const INTERVAL_MS = 250
/** However long nothing happens: only the signal ends the wait. */
const IDLE_MS = 60_000

/** What moves no instance into a queue, out of it, or into its load. */
const STAYING: ReadonlySet<string> = new Set([
  'InstanceExpanded',
  'InstanceReused',
  'InstanceStarted',
  'InstanceContactLost',
  'InstanceReattached',
  'InstanceCancelRequested',
  'InstanceForceRequested',
])

/**
 * Queues whose settings, depth or load have changed, as they are then: each at most four times a second, however much
 * happens. Nothing is made up for: one who goes on behind an old position gets every queue as it is now. Throws NOT_FOUND.
 */
export async function* followQueues(
  context: Context,
  { queueId = null, after = null }: QueueFeedArgs,
): AsyncGenerator<QueueUpdateRow, void, void> {
  if (queueId !== null && (await loadQueue(queueId, context)) === null) throw notThere('Queue', queueId)
  const head = await context.services.tail.current(0)
  const moves = new Moves(head, after !== null && after < head)
  const following = collect(context, moves)
  // Told at the end, to the one who waits here.
  following.catch(() => undefined)
  while (!context.signal.aborted && !moves.isEnded) {
    await moves.wake.wait(IDLE_MS, context.signal)
    const { position } = moves
    const queues = await movedQueues(context, queueId, moves)
    context.loaders.clear()
    for (const queue of queues) yield { position, queue }
    await delay(INTERVAL_MS, undefined, { signal: context.signal }).catch(() => undefined)
  }
  await following
}

/** What has happened since it was looked at last. */
class Moves {
  readonly wake = new Wake()
  isEnded = false
  queueIds = new Set<string>()
  instanceIds = new Set<string>()

  constructor(
    public position: number,
    public isEverything: boolean,
  ) {
    if (isEverything) this.wake.set()
  }

  note({ type, streamId, instanceId, position }: StoredEvent): void {
    this.position = position
    if (streamId.startsWith('queue_')) this.queueIds.add(streamId)
    else if (instanceId !== null && !STAYING.has(type)) this.instanceIds.add(instanceId)
    else return
    this.wake.set()
  }
}

async function collect(context: Context, moves: Moves): Promise<void> {
  try {
    for await (const events of follow(context, { projects: null }, moves.position, 'SIGNED_IN')) {
      for (const event of events) moves.note(event)
    }
  } finally {
    moves.isEnded = true
    moves.wake.set()
  }
}

/** Two statements at most. Those that were deleted are left out. */
async function movedQueues(context: Context, queueId: string | null, moves: Moves): Promise<QueueRow[]> {
  const { pool } = context.services.database
  const { isEverything, queueIds, instanceIds } = moves
  moves.isEverything = false
  moves.queueIds = new Set()
  moves.instanceIds = new Set()
  if (isEverything) return getQueues(pool, { ids: queueId === null ? null : [queueId] })
  const isKnown = queueId !== null && queueIds.has(queueId)
  const found = isKnown || instanceIds.size === 0 ? [] : await findQueueIds(pool, [...instanceIds])
  const ids = [...new Set([...queueIds, ...found])].filter((id) => queueId === null || id === queueId)
  return ids.length === 0 ? [] : getQueues(pool, { ids })
}
