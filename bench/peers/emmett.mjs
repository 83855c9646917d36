/**
 * emmett-postgresql, appendToStream on eight streams at once for `size` ms. The variant is EVENTS-PROJECTION: how many
 * events an append has, and `none` or `inline`, one small document per stream projected in the append's transaction.
 */
import { projections } from '@event-driven-io/emmett'
import { getPostgreSQLEventStore, pongoSingleStreamProjection } from '@event-driven-io/emmett-postgresql'
import { finish, ratePerSecond, task } from '../lib/measure.mjs'
import { eventData } from './event-data.mjs'

const STREAMS = 8

const { url, variant, size } = task()
const [eventCount, projection] = variant.split('-')
const count = Number(eventCount)
const runs = pongoSingleStreamProjection({
  collectionName: 'runs',
  canHandle: ['InstanceStarted'],
  initialState: () => ({ started: 0, last: null }),
  evolve: (document, event) => ({ ...document, started: document.started + 1, last: event.data.instanceId }),
})
const store = getPostgreSQLEventStore(url, { projections: projection === 'inline' ? projections.inline([runs]) : [] })
await store.schema.migrate()
await append('warm', 0)
finish({ rate: await ratePerSecond(size, STREAMS, (stream, turn) => append(`run-${stream}`, turn * count)) })

async function append(stream, from) {
  const events = Array.from({ length: count }, (_, index) => ({
    type: 'InstanceStarted',
    data: eventData(from + index),
  }))
  await store.appendToStream(stream, events)
  return count
}
