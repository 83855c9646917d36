import pg, { type Client } from 'pg'
import { DataSource } from 'typeorm'
import { ensureApplicationRole } from './application-role.js'
import { withSettings } from './connection-url.js'
import { type Logger, silentLogger } from './logger.js'
import { OrmLogger } from './orm-logger.js'
import { checkHistory, checkServerVersion, RECORD_TABLE } from './schema-history.js'
import type { SqlMigrationClass } from './sql-migration.js'

export interface MigrateOptions {
  /** Connects as the owner of the schema, who may create in it. */
  readonly ownerUrl: string
  /** Connects as the application; its user is let work as dagbook_app. Default: the owner. */
  readonly applicationUrl?: string
  readonly migrations: readonly SqlMigrationClass[]
  readonly logger?: Logger
}

/** Any number: it only has to differ from other programs' locks in the same database. "dagbook" in ASCII, cut to 48 bits. */
const MIGRATION_LOCK = 0x646167626f6f

/**
 * Brings the schema up to date; several processes may do it at once, one does the work. Answers the script names that
 * were run. Throws ServerTooOldError, RoleSetupError, SchemaNewerError, MigrationChangedError, or what a step met
 * (its transaction is rolled back, earlier steps stay).
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const logger = options.logger ?? silentLogger
  const ownerUrl = withSettings(options.ownerUrl, 'dagbook-migrate', {
    TimeZone: 'UTC',
    client_min_messages: 'warning',
  })
  const session = new pg.Client({ connectionString: ownerUrl })
  session.on('error', (error) => logger.warn({ err: error }, 'The migration lock was lost'))
  try {
    await session.connect()
    const { rows } = await session.query<{ server_version_num: string }>('SHOW server_version_num')
    checkServerVersion(Number(rows[0]?.server_version_num))
    await takeLock(session, logger)
    await ensureApplicationRole(session, applicationUser(options))
    return await runMigrations(session, ownerUrl, options.migrations, logger)
  } finally {
    await session.end().catch(() => undefined)
  }
}

/** Held by the session, so it ends with this process whatever happens to it. */
async function takeLock(session: Client, logger: Logger): Promise<void> {
  const { rows } = await session.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1::bigint) AS taken', [
    MIGRATION_LOCK,
  ])
  if (rows[0]?.taken === true) return
  logger.info('Waiting for another process to finish its migrations')
  await session.query('SELECT pg_advisory_lock($1::bigint)', [MIGRATION_LOCK])
}

function applicationUser(options: MigrateOptions): string | null {
  if (options.applicationUrl === undefined) return null
  return new pg.Client({ connectionString: options.applicationUrl }).user ?? null
}

async function runMigrations(
  session: Client,
  ownerUrl: string,
  migrations: readonly SqlMigrationClass[],
  logger: Logger,
): Promise<string[]> {
  await session.query(RECORD_TABLE)
  const known = migrations.map((Migration) => new Migration())
  const pending = await checkHistory(session, known)
  if (pending.length === 0) return []
  const dataSource = new DataSource({
    type: 'postgres',
    url: ownerUrl,
    migrations: [...migrations],
    migrationsTableName: 'schema_migration',
    installExtensions: false,
    logger: new OrmLogger(logger),
    poolSize: 2,
  })
  await dataSource.initialize()
  try {
    await dataSource.runMigrations({ transaction: 'each' })
  } finally {
    await dataSource.destroy()
  }
  const applied = pending.map((migration) => migration.scriptName)
  logger.info({ applied }, 'The database schema was migrated')
  return applied
}
