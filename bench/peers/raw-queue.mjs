/**
 * What the same database does for hand-written SQL through pg: a reference, no history, no rules.
 *   drain    claim 100 with SKIP LOCKED, complete 100, in 4 loops, `size` jobs
 *   notify   a durable INSERT with NOTIFY until the listener is called back, `size` times
 */
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { finish, latency, task, withResolvers } from '../lib/measure.mjs'

const BATCH = 100
const LOOPS = 4
const CLAIM = `
  UPDATE job SET state = 1
  WHERE id = ANY(ARRAY(SELECT id FROM job WHERE state = 0 ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING id`

const { url, variant, size } = task()
const pool = new pg.Pool({ connectionString: url, max: 8 })
await pool.query(`
  CREATE TABLE job (id bigserial PRIMARY KEY, payload jsonb, state smallint NOT NULL DEFAULT 0,
    created timestamptz NOT NULL DEFAULT now());
  CREATE INDEX ON job (id) WHERE state = 0`)
if (variant === 'drain') await drain()
else await notify()

async function drain() {
  await pool.query(`INSERT INTO job (payload) SELECT json_build_object('i', i) FROM generate_series(1, $1) i`, [size])
  await pool.query('VACUUM ANALYZE job')
  const begin = performance.now()
  let done = 0
  const loop = async () => {
    for (;;) {
      const { rows } = await pool.query({ name: 'claim', text: CLAIM, values: [BATCH] })
      if (rows.length === 0) return
      const ids = rows.map(({ id }) => id)
      await pool.query({ name: 'complete', text: 'UPDATE job SET state = 2 WHERE id = ANY($1)', values: [ids] })
      done += ids.length
    }
  }
  await Promise.all(Array.from({ length: LOOPS }, loop))
  if (done !== size) throw new Error(`Completed ${done} of ${size}`)
  finish({ rate: size / ((performance.now() - begin) / 1_000) })
}

async function notify() {
  const listener = new pg.Client({ connectionString: url })
  await listener.connect()
  await listener.query('LISTEN hop')
  const durations = []
  let called = () => undefined
  listener.on('notification', () => called())
  for (let turn = 0; turn < size; turn += 1) {
    const { promise, resolve } = withResolvers()
    called = resolve
    const begin = performance.now()
    await pool.query(`WITH added AS (INSERT INTO job (payload) VALUES ('{}')) SELECT pg_notify('hop', '')`)
    await promise
    durations.push(performance.now() - begin)
    await pause(3)
  }
  finish(latency(durations))
}
