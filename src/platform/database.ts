import pg, { type Client, type Pool, type PoolClient, type QueryConfig, type QueryResultRow } from 'pg'
import { DataSource, type DataSourceOptions } from 'typeorm'
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js'
import { COLUMN_TYPES } from './column-types.js'
import { type SessionSettings, withSettings } from './connection-url.js'
import { type Logger, silentLogger } from './logger.js'
import { OrmLogger } from './orm-logger.js'
import { type LastStatements, runPipelined, runTransaction, type TransactionOptions } from './transaction.js'

/** What the application's connections work as: it owns nothing and may do what migrations granted it. */
export const APPLICATION_ROLE = 'dagbook_app'

export interface DatabaseOptions {
  readonly url: string
  /** Every connection works as this role from its first statement on; null: as the user of the URL. */
  readonly role: string | null
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
  /** Connections at most; further work waits. Default 10. */
  readonly poolSize?: number
  readonly logger?: Logger
  readonly entities?: NonNullable<DataSourceOptions['entities']>
  /** The server ends a statement after that long. Default: never. */
  readonly statementTimeoutMs?: number
  /** The server ends a connection that sits in an open transaction that long, for it blocks others. Default 60 s; 0 never. */
  readonly idleInTransactionTimeoutMs?: number
  /** Statements of one connection are sent without waiting for each other's answers; cursors are then refused. Default off. */
  readonly isPipelined?: boolean
  /**
   * Pipelined only: a connection that leaves a statement unanswered that long is given up as broken, for the network may
   * have swallowed it and nobody would say so for a quarter of an hour. Default 90 s: no lock is held longer.
   */
  readonly answerTimeoutMs?: number
  /**
   * Named statements keep one plan, whatever their parameters, and it follows indexes: for short statements that find rows
   * by their keys, where planning takes longer than the work. Without the second a plan made while a table was empty
   * scans it for ever (an update of one of 1,000 rows took 0.13 ms instead of 0.04). Default off: PostgreSQL decides.
   */
  readonly isPlannedOnce?: boolean
}

/** One pool of connections, for the ORM and for hand-written SQL alike. */
export interface Database {
  readonly dataSource: DataSource
  /** Connections for the hot paths. One that is taken out must be released, with the error if it broke. */
  readonly pool: Pool
  /** See runTransaction: AmbiguousCommitError, or nothing is stored when it throws. */
  transaction<T>(work: (tx: PoolClient) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** See runPipelined; needs `isPipelined`. */
  pipelined<T>(work: (tx: PoolClient) => Promise<LastStatements<T>>, onSent: () => void): Promise<T>
  /** One statement on any connection; its rows. */
  query<Row extends QueryResultRow>(query: string | QueryConfig, values?: readonly unknown[]): Promise<Row[]>
  /**
   * A connection of one's own outside the pool, for LISTEN, session locks and cursors; the caller ends it and listens
   * to its 'error' and 'end'.
   */
  openSession(applicationName?: string): Promise<Client>
  /** Waits for the connections in use to come back, then closes all. Again: does nothing. */
  close(): Promise<void>
}

/** The connection does not work as the role that was asked for: something between (a pooler) drops its settings. */
export class RoleNotAppliedError extends Error {
  override readonly name = 'RoleNotAppliedError'
  readonly code = 'ROLE_NOT_APPLIED'
  constructor(
    readonly expected: string,
    readonly actual: string,
  ) {
    super(
      `Database connection must work as role ${expected}, given ${actual}: connect to PostgreSQL itself, not through a pooler that ignores startup options`,
    )
  }
}

/** Connects and checks the role; throws what the server answered (28P01 wrong password, 3D000 no such database ...). */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const url = withSettings(options.url, options.applicationName, settingsOf(options))
  const dataSource = await new DataSource(dataSourceOptions(url, options)).initialize()
  const pool = (dataSource.driver as PostgresDriver).master as Pool
  const query = async <Row extends QueryResultRow>(text: string | QueryConfig, values?: readonly unknown[]) =>
    (await pool.query<Row>(text as string, values as unknown[])).rows
  const close = async (): Promise<void> => {
    if (dataSource.isInitialized) await dataSource.destroy()
  }
  try {
    await checkRole(pool, options.role)
  } catch (error) {
    await close()
    throw error
  }
  return {
    dataSource,
    pool,
    query,
    close,
    transaction: (work, how) => runTransaction(pool, work, how),
    pipelined: (work, onSent) => runPipelined(pool, work, onSent),
    openSession: (name) => openSession(options, name ?? options.applicationName),
  }
}

/** Without `jit: off` a scan that cannot be avoided is thought so dear that its statement is compiled, for a second. */
const PLANNED_ONCE = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
}

function settingsOf(options: DatabaseOptions): SessionSettings {
  return {
    TimeZone: 'UTC',
    statement_timeout: options.statementTimeoutMs ?? 0,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 60_000,
    ...(options.isPlannedOnce ? PLANNED_ONCE : {}),
    ...(options.role === null ? {} : { role: options.role }),
  }
}

function dataSourceOptions(url: string, options: DatabaseOptions): DataSourceOptions {
  const logger = options.logger ?? silentLogger
  return {
    type: 'postgres',
    url,
    applicationName: options.applicationName,
    poolSize: options.poolSize ?? 10,
    entities: options.entities ?? [],
    synchronize: false,
    logger: new OrmLogger(logger),
    installExtensions: false,
    connectTimeoutMS: 30_000,
    poolErrorHandler: (error: Error) => logger.warn({ err: error }, 'A database connection broke while idle'),
    extra: {
      types: COLUMN_TYPES,
      pipeline: options.isPipelined ?? false,
      ...(options.isPipelined ? { query_timeout: options.answerTimeoutMs ?? 90_000 } : {}),
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      // The pool listens to idle connections only; one that breaks in use, between two statements, would end the process.
      onConnect: (client: Client) =>
        void client.on('error', (error) => logger.debug({ err: error }, 'Connection error')),
    },
  }
}

async function checkRole(pool: Pool, expected: string | null): Promise<void> {
  if (expected === null) return
  const { rows } = await pool.query<{ role: string }>('SELECT current_user::text AS role')
  const actual = rows[0]?.role ?? ''
  if (actual !== expected) throw new RoleNotAppliedError(expected, actual)
}

async function openSession(options: DatabaseOptions, applicationName: string): Promise<Client> {
  const settings = { ...settingsOf(options), idle_in_transaction_session_timeout: 0 }
  const client = new pg.Client({
    connectionString: withSettings(options.url, applicationName, settings),
    types: COLUMN_TYPES,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 30_000,
  })
  client.on('error', (error) => (options.logger ?? silentLogger).debug({ err: error }, 'Session error'))
  try {
    await client.connect()
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
  return client
}
