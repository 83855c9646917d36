import { type FollowOptions, follow, type Resumable } from '../graphql/follow.js'
import type { Sockets } from '../graphql/sockets.js'
import { EVENT_FIELDS, type EventFilter, type JournalEvent } from './event.js'

const FOLLOW = /* GraphQL */ `
  subscription FollowEvents($filter: EventFilter, $after: Position) {
    events(filter: $filter, after: $after) { ...EventFields }
  }
  ${EVENT_FIELDS}
`

interface EventItem {
  readonly events: JournalEvent
}

/** Every event after a position, once and in order, for as long as the signal lets it; cut connections are resumed. */
export async function* followEvents(
  sockets: Sockets,
  filter: EventFilter,
  options: Pick<FollowOptions, 'after' | 'signal' | 'onCut'>,
): AsyncGenerator<JournalEvent, void, void> {
  const stream: Resumable<EventItem> = {
    document: FOLLOW,
    variables: (cursor) => ({ filter, after: cursor }),
    cursorOf: (item) => item.events.position,
  }
  for await (const item of follow(sockets, stream, options)) yield item.events
}
