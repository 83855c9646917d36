import pg, { escapeIdentifier } from 'pg'
import { withDatabaseName } from '../../src/platform/connection-url.js'
import { APPLICATION_ROLE, type Database, type DatabaseOptions, openDatabase } from '../../src/platform/database.js'
import { type TestCluster, testCluster } from './database-cluster.js'

/** A database of one test file's own, with the schema and no rows. */
export interface TestDatabase {
  /** As the application: role dagbook_app. */
  readonly database: Database
  /** As the owner of the schema, who may look and meddle everywhere. */
  readonly owner: Database
  readonly url: string
  readonly ownerUrl: string
  /** Closes both and drops it, whoever else is still connected. */
  drop(): Promise<void>
}

let made = 0

/**
 * Makes a database: `beforeAll(async () => { db = await createTestDatabase() })`, `afterAll(() => db.drop())`. The
 * first in a run starts the server and migrates (about 2 s), the others are copies (about 50 ms).
 */
export async function createTestDatabase(options: Partial<DatabaseOptions> = {}): Promise<TestDatabase> {
  const cluster = await testCluster()
  return openCopy(cluster, cluster.template, options)
}

/** As createTestDatabase, without the schema; for tests of migrations. `database` works as its owner. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return openCopy(await testCluster(), 'template1', { role: null })
}

async function openCopy(
  cluster: TestCluster,
  template: string,
  options: Partial<DatabaseOptions>,
): Promise<TestDatabase> {
  made += 1
  const name = `${cluster.prefix}${process.pid}_${Math.round(performance.timeOrigin + performance.now())}_${made}`
  const server = new pg.Client({ connectionString: cluster.ownerUrl })
  await server.connect()
  await server.query(`CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE ${escapeIdentifier(template)}`)
  const ownerUrl = withDatabaseName(cluster.ownerUrl, name)
  const url = withDatabaseName(cluster.url, name)
  const owner = await openDatabase({ url: ownerUrl, role: null, applicationName: 'test-owner', poolSize: 5 })
  const database = await openDatabase({ url, role: APPLICATION_ROLE, applicationName: 'test', ...options })
  return {
    database,
    owner,
    url,
    ownerUrl,
    async drop() {
      await Promise.all([database.close(), owner.close()])
      await server.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`)
      await server.end()
    },
  }
}
