import type { StoredEvent } from '../../src/history/event.js'
import { leafHash, leafText } from '../../src/history/leaf.js'
import { readStreamHeads, type StreamHead } from '../../src/history/lock-streams.js'
import { readEvents } from '../../src/history/read-events.js'
import type { Database } from '../../src/platform/database.js'

const PAGE = 5_000

/**
 * Reads the whole journal and throws at the first thing that must not be: a hole in the positions or in a stream's
 * versions, a chain that does not hold, a leaf that is not the hash of what is stored, a head that is not the last event.
 */
export async function checkJournal(database: Database): Promise<{ events: StoredEvent[] }> {
  const events: StoredEvent[] = []
  for (;;) {
    const page = await readEvents(database.pool, { after: events.length }, PAGE)
    events.push(...page)
    if (page.length < PAGE) break
  }
  const last = new Map<string, StoredEvent>()
  const first = new Map<string, number>()
  events.forEach((event, index) => {
    checkEvent(event, index + 1, last.get(event.streamId))
    last.set(event.streamId, event)
    if (event.version === 1) first.set(event.streamId, event.position)
  })
  const heads = await readStreamHeads(database.pool as never, [...last.keys()])
  for (const [id, event] of last) checkHead(heads.get(id), event, first.get(id) as number)
  const [row] = await database.query<{ count: number }>('SELECT count(*) AS count FROM stream')
  if (row?.count !== last.size) throw new Error(`There are ${row?.count} streams, but events of ${last.size}`)
  return { events }
}

function checkEvent(event: StoredEvent, position: number, before: StoredEvent | undefined): void {
  const where = `${event.streamId} version ${event.version} at ${event.position}`
  if (event.position !== position) throw new Error(`${where} should be at ${position}`)
  if (event.version !== (before?.version ?? 0) + 1) throw new Error(`${where} follows version ${before?.version}`)
  if (event.prevHash !== (before?.leafHash ?? null)) throw new Error(`${where} is not chained to the one before`)
  if (event.leafHash !== leafHash(leafText(event, event.prevHash))) throw new Error(`${where} has another leaf`)
}

function checkHead(head: StreamHead | undefined, last: StoredEvent, firstPosition: number): void {
  const isRight =
    head?.version === last.version &&
    head.headHash === last.leafHash &&
    head.firstPosition === firstPosition &&
    head.lastPosition === last.position
  if (!isRight) throw new Error(`The head of ${last.streamId} is not its last event: ${JSON.stringify(head)}`)
}
