import type { Api } from '../graphql/api.js'
import { EVENT_FIELDS, type EventFilter, type JournalEvent } from './event.js'

const EVENTS = /* GraphQL */ `
  query Events($filter: EventFilter, $last: Int!, $before: String) {
    events(filter: $filter, last: $last, before: $before) {
      nodes { ...EventFields }
      pageInfo { hasPreviousPage startCursor }
    }
  }
  ${EVENT_FIELDS}
`

interface EventsPage {
  readonly events: {
    readonly nodes: readonly JournalEvent[]
    readonly pageInfo: { readonly hasPreviousPage: boolean; readonly startCursor: string | null }
  }
}

const PAGE = 1_000

/** Events, oldest first, and the journal's head that they are complete up to. */
export interface ReadEvents {
  readonly events: readonly JournalEvent[]
  readonly head: string
}

/** The newest `limit` events. */
export async function newestEvents(api: Api, filter: EventFilter, limit: number): Promise<ReadEvents> {
  return readBackwards(api, filter, limit, 0n)
}

/**
 * All events after a position. A list's cursor cannot be made from a position, so this reads from the newest backwards
 * until it gets there.
 */
export async function eventsAfter(api: Api, filter: EventFilter, position: string): Promise<ReadEvents> {
  return readBackwards(api, filter, Number.POSITIVE_INFINITY, BigInt(position))
}

async function readBackwards(api: Api, filter: EventFilter, limit: number, after: bigint): Promise<ReadEvents> {
  const pages: (readonly JournalEvent[])[] = []
  let head = ''
  let before: string | null = null
  for (let missing = limit; missing > 0; ) {
    const answer: { data: EventsPage; position: string } = await api.query<EventsPage>(EVENTS, {
      filter,
      last: Math.min(PAGE, missing),
      before,
    })
    // The newest page may know more than the head that was read before it; an event that is there counts.
    const { nodes, pageInfo } = answer.data.events
    if (head === '') head = laterOf(answer.position, nodes.at(-1)?.position)
    const wanted = nodes.filter((event) => BigInt(event.position) > after)
    pages.unshift(wanted)
    missing -= nodes.length
    if (!pageInfo.hasPreviousPage || pageInfo.startCursor === null || wanted.length < nodes.length) break
    before = pageInfo.startCursor
  }
  return { events: pages.flat(), head }
}

function laterOf(one: string, other: string | undefined): string {
  return other !== undefined && BigInt(other) > BigInt(one) ? other : one
}
