import { writeFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import pg from 'pg'

const STATEMENTS = `
  SELECT query, calls::integer, total_exec_time + total_plan_time AS total_ms,
    total_plan_time AS plan_ms, rows::integer, toplevel,
    wal_bytes::float8 AS wal_bytes
  FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid AND datname = current_database()
  ORDER BY total_ms DESC`

/**
 * Does the work and answers what it answers. With a file it watches meanwhile where this process and the server spend
 * their time, and leaves both there: the CPU profile and the statements' statistics. The server must have
 * pg_stat_statements loaded.
 */
export async function profiled(url, file, work) {
  if (file === null) return work()
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  await owner.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 500 })
  await owner.query('SELECT pg_stat_statements_reset()')
  await session.post('Profiler.start')
  const result = await work()
  const { profile } = await session.post('Profiler.stop')
  const { rows } = await owner.query(STATEMENTS)
  await owner.end()
  await writeFile(file, JSON.stringify({ profile, statements: rows }))
  return result
}
