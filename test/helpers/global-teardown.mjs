import { readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'

/** Ends the server that the run's first database test started, if one did, or drops what was made on DATABASE_URL. */
export default async function tearDown() {
  const folder = process.env.DAGBOOK_TEST_RUN
  if (folder === undefined) return
  if (process.env.DATABASE_URL) await dropDatabases(process.env.DATABASE_URL, path.basename(folder))
  else await stopServer(path.join(folder, 'cluster/postgres/data/postmaster.pid'))
  await rm(folder, { recursive: true, force: true })
}

async function stopServer(pidFile) {
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10)
  if (!(pid > 0)) return
  process.kill(pid, 'SIGINT')
  while ((await readdir(path.dirname(pidFile))).includes('postmaster.pid')) await pause(10)
}

async function dropDatabases(url, run) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query('SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)', [
    databasePrefix(run),
  ])
  for (const { name } of rows) await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`)
  await client.end()
}

/** As in database-cluster.ts. */
function databasePrefix(run) {
  return `${run.toLowerCase().replaceAll('-', '_')}_`
}
