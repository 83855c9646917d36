/**
 * What the same database does for hand-written SQL through pg, into a table of events with two unique keys: no hashes,
 * no dense order, nothing projected. For `size` ms.
 *   unnest   INSERT ... unnest of 1,000 events a transaction, one connection
 *   copy     COPY of 10,000 events a transaction, one connection
 */
import { once } from 'node:events'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { finish, ratePerSecond, task } from '../lib/measure.mjs'
import { eventData } from './event-data.mjs'

const UNNEST = 1_000
const COPY = 10_000
const INSERT = `
  INSERT INTO event (stream_id, stream_position, type, data)
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::jsonb[])`

const { url, variant, size } = task()
const client = new pg.Client({ connectionString: url })
await client.connect()
await client.query(`
  CREATE TABLE event (position bigserial PRIMARY KEY, stream_id text NOT NULL, stream_position bigint NOT NULL,
    type text NOT NULL, data jsonb NOT NULL, metadata jsonb NOT NULL DEFAULT '{}',
    created timestamptz NOT NULL DEFAULT now(), UNIQUE (stream_id, stream_position))`)
const versions = new Map()
finish({ rate: await ratePerSecond(size, 1, (_, turn) => (variant === 'unnest' ? insert(turn) : copy(turn))) })

function next(streamId) {
  const version = (versions.get(streamId) ?? 0) + 1
  versions.set(streamId, version)
  return version
}

async function insert(turn) {
  const rows = Array.from({ length: UNNEST }, (_, index) => ({ id: `run-${index % 10}`, at: turn * UNNEST + index }))
  const values = [
    rows.map(({ id }) => id),
    rows.map(({ id }) => next(id)),
    rows.map(() => 'InstanceStarted'),
    rows.map(({ at }) => JSON.stringify(eventData(at))),
  ]
  await client.query({ name: 'insert', text: INSERT, values })
  return UNNEST
}

async function copy(turn) {
  const stream = client.query(copyFrom('COPY event (stream_id, stream_position, type, data) FROM STDIN'))
  const finished = once(stream, 'finish')
  for (let from = 0; from < COPY; from += 200) {
    const lines = Array.from({ length: 200 }, (_, index) => {
      const streamId = `run-${(from + index) % 100}`
      const data = JSON.stringify(eventData(turn * COPY + from + index)).replaceAll('\\', '\\\\')
      return `${streamId}\t${next(streamId)}\tInstanceStarted\t${data}\n`
    })
    if (!stream.write(lines.join(''))) await once(stream, 'drain')
  }
  stream.end()
  await finished
  return COPY
}
