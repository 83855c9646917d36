import { visibleProjectIds } from '../../access/viewer.js'
import type { StoredEvent } from '../../history/event.js'
import { type EventQuery, readEventPage, readOldestPosition } from '../../history/read-page.js'
import { PositionArchivedError, SlowSubscriberError } from '../api-error.js'
import type { Context } from '../context.js'
import { matches } from '../event/event-query.js'

/** Events that may have come since a subscriber that had caught up was given its last ones. */
const MAX_BEHIND = 20_000

/**
 * The events of the query after a position (null: from now on), in order, none twice, none left out, in batches. Each
 * batch is held against what the viewer may see at that moment, unless whoever is signed in may see them all. Ends when the operation's signal aborts; throws
 * PositionArchivedError, and SlowSubscriberError to who had caught up and has fallen far behind.
 */
export async function* follow(
  context: Context,
  query: EventQuery,
  after: number | null,
  seenBy: 'MEMBERS' | 'SIGNED_IN' = 'MEMBERS',
): AsyncGenerator<readonly StoredEvent[], void, void> {
  const { tail, database } = context.services
  const from = await startOf(context, after)
  const seen = (): EventQuery =>
    seenBy === 'SIGNED_IN' ? query : { ...query, projects: narrowed(query.projects, visibleProjectIds(context.viewer)) }
  const read = (range: { readonly after: number; readonly upTo?: number }, limit: number) => {
    const page = { limit: limit - 1, isBackward: false, from: [range.after] }
    return readEventPage(database.pool, { ...seen(), upTo: range.upTo ?? null }, page)
  }
  let isLive = false
  for await (const batch of tail.follow({ after: from, signal: context.signal, read })) {
    const now = seen()
    const wanted = batch.filter((event) => matches(now, event))
    if (wanted.length > 0) yield wanted
    const last = (batch.at(-1) as StoredEvent).position
    const behind = tail.head - last
    if (isLive && behind > MAX_BEHIND) throw new SlowSubscriberError(last)
    isLive ||= behind < MAX_BEHIND / 10
  }
}

/** Throws PositionArchivedError when what lies after the position is not all online. */
async function startOf({ services }: Context, after: number | null): Promise<number> {
  if (after === null) return services.tail.current(0)
  const oldest = await readOldestPosition(services.database.pool)
  if (after + 1 < oldest) throw new PositionArchivedError(after)
  return after
}

/** Of what was asked for, what may be seen now; null: everything. */
function narrowed(asked: readonly string[] | null, visible: readonly string[] | null): readonly string[] | null {
  if (asked === null || visible === null) return asked ?? visible
  return asked.filter((project) => visible.includes(project))
}
