import { spawn } from 'node:child_process'
import { readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import pg, { escapeIdentifier } from 'pg'
import { migrations } from '../../migrations/index.js'
import { withDatabaseName } from '../../src/platform/connection-url.js'
import { silentLogger } from '../../src/platform/logger.js'
import { migrate } from '../../src/platform/migrate.js'
import { findBinaries } from '../../src/platform/postgres/binaries.js'
import { LOGIN, OWNER, openClusterFolder } from '../../src/platform/postgres/cluster-folder.js'
import { joinOrLaunch } from '../../src/platform/postgres/join-or-launch.js'
import { chooseWay } from '../../src/platform/postgres/unprivileged.js'

/** The server of this test run; both URLs end in a database `postgres` that is not to be worked in. */
export interface TestCluster {
  readonly ownerUrl: string
  /** Who the application connects as; the owner itself on a server given by DATABASE_URL. */
  readonly url: string
  /** Begins the name of every database of this run. */
  readonly prefix: string
  /** The run's migrated database, which is only ever copied. */
  readonly template: string
}

const NOT_DURABLE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '400' }

/**
 * DATABASE_URL's server when it is set, else one of the run's own, started by whoever asks first. Who has made the
 * template writes down where it is: a server that is asked at every turn costs as much as a copy.
 */
export async function testCluster(): Promise<TestCluster> {
  const run = process.env.DAGBOOK_TEST_RUN
  if (run === undefined) throw new Error('Database tests need test/helpers/global-setup.mjs as globalSetup of jest')
  const file = path.join(run, 'cluster.json')
  const known = await readFile(file, 'utf8').catch(() => null)
  if (known !== null) return JSON.parse(known)
  const prefix = `${path.basename(run).toLowerCase().replaceAll('-', '_')}_`
  const cluster = { ...(await openServer(run)), prefix, template: `${prefix}template` }
  await ensureTemplate(cluster)
  await writeFile(`${file}.${process.pid}`, JSON.stringify(cluster), { mode: 0o600 })
  await rename(`${file}.${process.pid}`, file)
  return cluster
}

async function openServer(run: string): Promise<Pick<TestCluster, 'ownerUrl' | 'url'>> {
  const given = process.env.DATABASE_URL
  if (given) return { ownerUrl: given, url: given }
  const dataDir = path.join(run, 'cluster')
  const binaries = await findBinaries()
  const way = chooseWay()
  const folder = await openClusterFolder(dataDir, { binaries, way, isThrowaway: true })
  const launch = { binaries, way, settings: NOT_DURABLE }
  const membership = await joinOrLaunch(folder, launch, silentLogger, new AbortController().signal)
  // Its connection ends but the server stays, for the other test files.
  await membership.end()
  const address = `127.0.0.1:${membership.postmaster.port}/postgres`
  return {
    ownerUrl: `postgres://${OWNER}:${folder.ownerPassword}@${address}`,
    url: `postgres://${LOGIN}:${folder.loginPassword}@${address}`,
  }
}

/** The first to come makes it. */
async function ensureTemplate(cluster: TestCluster): Promise<void> {
  const session = new pg.Client({ connectionString: cluster.ownerUrl })
  await session.connect()
  try {
    await session.query('SELECT pg_advisory_lock(hashtext($1::text))', [cluster.template])
    const { rowCount } = await session.query('SELECT FROM pg_database WHERE datname = $1::text', [cluster.template])
    if (rowCount === 0) await makeTemplate(session, cluster)
  } finally {
    await session.end()
  }
}

async function makeTemplate(session: pg.Client, cluster: TestCluster): Promise<void> {
  const draft = `${cluster.prefix}draft`
  await session.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(draft)} WITH (FORCE)`)
  await session.query(`CREATE DATABASE ${escapeIdentifier(draft)}`)
  await migrate({ ownerUrl: withDatabaseName(cluster.ownerUrl, draft), applicationUrl: cluster.url, migrations })
  await session.query(`ALTER DATABASE ${escapeIdentifier(draft)} RENAME TO ${escapeIdentifier(cluster.template)}`)
  if (!process.env.DATABASE_URL) watchRun()
}

/** Ends the server of a run whose jest was killed before it could. */
function watchRun(): void {
  const run = process.env.DAGBOOK_TEST_RUN as string
  const jest = /dagbook-test-(\d+)-/.exec(run)?.[1] as string
  const script = `while kill -0 "$1" 2>/dev/null; do sleep 1; done
    kill -INT "$(head -n 1 "$2/cluster/postgres/data/postmaster.pid")" 2>/dev/null && sleep 2; rm -rf "$2"`
  spawn('sh', ['-c', script, 'watch', jest, run], { detached: true, stdio: 'ignore' }).unref()
}
