import type { ClientBase, Pool } from 'pg'
import type { Page } from '../platform/keyset.js'
import type { StoredEvent } from './event.js'
import { EVENT_COLUMNS, type EventRow, eventOf } from './read-events.js'

type Reader = Pick<ClientBase | Pool, 'query'>

/** Whose events: all of a stream's, or in a stream those of one instance. */
export interface EventsOf {
  readonly streamId: string
  readonly instanceId: string | null
}

/** Bounded by the limits of the streams, so that no partition is touched without need. */
const OF_STREAMS = `FROM stream s JOIN event ON event.stream_id = s.id
  AND event.position >= s.first_position AND event.position <= s.last_position`

/**
 * The same page of each stream's events by version, in one statement; a page's `from` is one version. Several instances
 * of one run share one pass over its stream.
 */
export async function readStreamPages(
  db: Reader,
  wanted: readonly EventsOf[],
  page: Page,
): Promise<Map<EventsOf, StoredEvent[]>> {
  const streams = wanted.filter(({ instanceId }) => instanceId === null)
  const instances = wanted.filter(({ instanceId }) => instanceId !== null)
  const [ofStreams, ofInstances] = await Promise.all([
    streams.length === 0 ? [] : readStreams(db, streams, page),
    instances.length === 0 ? [] : readInstances(db, instances, page),
  ])
  const byStream = grouped(ofStreams, ({ streamId }) => streamId)
  const byInstance = grouped(ofInstances, ({ instanceId }) => instanceId)
  return new Map(
    wanted.map((each) => {
      const { streamId, instanceId } = each
      return [each, (instanceId === null ? byStream.get(streamId) : byInstance.get(instanceId)) ?? []]
    }),
  )
}

async function readStreams(db: Reader, wanted: readonly EventsOf[], page: Page): Promise<StoredEvent[]> {
  const order = page.isBackward ? 'DESC' : 'ASC'
  const from = page.from === null ? '' : `AND version ${page.isBackward ? '<' : '>'} $2::integer`
  const text = `SELECT part.* FROM stream s CROSS JOIN LATERAL (
      SELECT ${EVENT_COLUMNS} FROM event
      WHERE stream_id = s.id AND position >= s.first_position AND position <= s.last_position ${from}
      ORDER BY version ${order} LIMIT ${page.limit + 1}) AS part
    WHERE s.id = ANY($1::text[]) ORDER BY part.stream_id, part.version ${order}`
  const ids = wanted.map(({ streamId }) => streamId)
  const { rows } = await db.query<EventRow>({ text, values: [ids, ...(page.from ?? [])] })
  return rows.map(eventOf)
}

async function readInstances(db: Reader, wanted: readonly EventsOf[], page: Page): Promise<StoredEvent[]> {
  const order = page.isBackward ? 'DESC' : 'ASC'
  const from = page.from === null ? '' : `AND event.version ${page.isBackward ? '<' : '>'} $3::integer`
  const text = `SELECT ${EVENT_COLUMNS} FROM (
      SELECT event.*, row_number() OVER (PARTITION BY event.instance_id ORDER BY event.version ${order}) AS place
      ${OF_STREAMS} WHERE s.id = ANY($1::text[]) AND event.instance_id = ANY($2::text[]) ${from}) AS event
    WHERE place <= ${page.limit + 1} ORDER BY instance_id, version ${order}`
  const streams = [...new Set(wanted.map(({ streamId }) => streamId))]
  const values = [streams, wanted.map(({ instanceId }) => instanceId), ...(page.from ?? [])]
  const { rows } = await db.query<EventRow>({ text, values })
  return rows.map(eventOf)
}

function grouped<Key>(events: readonly StoredEvent[], keyOf: (event: StoredEvent) => Key): Map<Key, StoredEvent[]> {
  const groups = new Map<Key, StoredEvent[]>()
  for (const event of events) {
    const group = groups.get(keyOf(event))
    if (group === undefined) groups.set(keyOf(event), [event])
    else group.push(event)
  }
  return groups
}

/** How many events each has. */
export async function countStreamEvents(db: Reader, wanted: readonly EventsOf[]): Promise<Map<EventsOf, number>> {
  const streams = [...new Set(wanted.map(({ streamId }) => streamId))]
  const instances = wanted.flatMap(({ instanceId }) => (instanceId === null ? [] : [instanceId]))
  const text = `SELECT id, version AS count FROM stream WHERE id = ANY($1::text[])
    UNION ALL
    SELECT event.instance_id, count(*) ${OF_STREAMS}
    WHERE s.id = ANY($1::text[]) AND event.instance_id = ANY($2::text[]) GROUP BY event.instance_id`
  const { rows } = await db.query<{ id: string; count: number }>({ text, values: [streams, instances] })
  const counts = new Map(rows.map(({ id, count }) => [id, count]))
  return new Map(wanted.map((each) => [each, counts.get(each.instanceId ?? each.streamId) ?? 0]))
}
