import { visibleProjectIds } from '../../access/viewer.js'
import type { StoredEvent } from '../../history/event.js'
import { readPositions } from '../../history/read-page.js'
import type { Context } from '../context.js'
import type { Noun } from '../noun.js'
import { ActorResolver, EventResolver, eventId } from './event.resolver.js'
import { InstanceEventsResolver, RunEventsResolver } from './events-of.resolver.js'

export const eventNoun: Noun = {
  resolvers: [EventResolver, ActorResolver, RunEventsResolver, InstanceEventsResolver],
  nodes: [{ prefix: 'event', typeName: 'Event', load: eventsOf }],
}

/** Those of the events that exist and that the viewer may see. */
async function eventsOf(
  ids: readonly string[],
  { services, viewer }: Context,
): Promise<(StoredEvent & { readonly id: string })[]> {
  const positions = ids.map((id) => id.slice('event_'.length)).filter((text) => /^[1-9]\d{0,14}$/.test(text))
  const events = await readPositions(services.database.pool, positions.map(Number), visibleProjectIds(viewer))
  return events.map((event) => ({ ...event, id: eventId(event.position) }))
}
