import { seal } from '../../dist/src/history/leaf.js'
import { readEvents } from '../../dist/src/history/read-events.js'

const PAGE = 5_000

/**
 * Reads the whole journal back: positions and versions without a hole, every hash as its event's columns and the event
 * before it say. Throws at the first that is not so. Answers how many events there are of each type.
 */
export async function checkJournal(reads) {
  const counts = {}
  const heads = new Map()
  let position = 0
  for (;;) {
    const events = await readEvents(reads.pool, { after: position }, PAGE)
    for (const event of events) {
      const head = heads.get(event.streamId) ?? { version: 0, hash: null }
      position += 1
      const { leafHash } = seal(event, head.hash)
      const isRight = event.position === position && event.version === head.version + 1 && leafHash === event.leafHash
      if (!isRight) throw new Error(`The journal is not whole at position ${position}: ${JSON.stringify(event)}`)
      heads.set(event.streamId, { version: event.version, hash: leafHash })
      counts[event.type] = (counts[event.type] ?? 0) + 1
    }
    if (events.length < PAGE) return counts
  }
}

/** Rows by the statement's first column, which names them; the second counts them. */
export async function countRows(reads, sql) {
  return Object.fromEntries((await reads.query(sql)).map(({ name, count }) => [name, Number(count)]))
}

/** Throws unless both hold the same names with the same counts. */
export function expectCounts(what, actual, expected) {
  const sorted = (counts) => JSON.stringify(Object.entries(counts).sort())
  if (sorted(actual) === sorted(expected)) return
  throw new Error(`${what}: expected ${JSON.stringify(expected)}, given ${JSON.stringify(actual)}`)
}
