import pg, { type Client, escapeLiteral } from 'pg'
import { type ClusterFolder, LOGIN, OWNER } from './cluster-folder.js'
import { keepPort } from './free-port.js'
import type { Postmaster } from './postmaster.js'

/** Any number: it only has to be the same for all who share a cluster. */
const SHARERS = 7_203_411

/** The database where everything is. */
export const DATABASE = 'dagbook'

/**
 * One process's share of the cluster: a connection that holds a shared advisory lock. A process that dies loses it with
 * its connection, so nobody has to guess whether a pid is still who it was. The last one out takes the lock for itself,
 * and whoever comes then waits until the server is gone and starts it again.
 */
export class Membership {
  private constructor(
    private readonly session: Client,
    readonly postmaster: Postmaster,
  ) {}

  /**
   * Joins, making the database and the login on the first start. Throws what came between: the port is another
   * server's, this one is just going away, the password was changed ...
   */
  static async join(folder: ClusterFolder, postmaster: Postmaster): Promise<Membership> {
    const session = new pg.Client({
      ...{ host: '127.0.0.1', port: postmaster.port, database: 'postgres', user: OWNER, ssl: false },
      ...{ password: folder.ownerPassword, application_name: 'dagbook-sharer', connectionTimeoutMillis: 10_000 },
    })
    // Its loss is told by 'end'; without a listener an error would end the process.
    session.on('error', () => undefined)
    try {
      await session.connect()
      const { rows } = await session.query<{ folder: string }>(`SELECT current_setting('data_directory') AS folder`)
      if (rows[0]?.folder !== folder.data) throw new Error(`Port ${postmaster.port} is another server's`)
      await session.query('SELECT pg_advisory_lock_shared($1::bigint)', [SHARERS])
      await makeLogin(session, folder)
      await makeDatabase(session)
      await keepPort(folder.path, postmaster.port)
      return new Membership(session, postmaster)
    } catch (error) {
      await session.end().catch(() => undefined)
      throw error
    }
  }

  /** Calls back once when the server, or only this connection, is lost. */
  onLost(listener: () => void): void {
    this.session.once('end', listener)
  }

  /** Leaves; true when nobody else is in: then no one can join before the connection ends or the server does. */
  async leave(): Promise<boolean> {
    await this.session.query('SELECT pg_advisory_unlock_shared($1::bigint)', [SHARERS])
    const { rows } = await this.session.query<{ last: boolean }>('SELECT pg_try_advisory_lock($1::bigint) AS last', [
      SHARERS,
    ])
    return rows[0]?.last === true
  }

  async end(): Promise<void> {
    await this.session.end().catch(() => undefined)
  }
}

async function makeLogin(session: Client, folder: ClusterFolder): Promise<void> {
  const { rowCount } = await session.query('SELECT FROM pg_roles WHERE rolname = $1::text', [LOGIN])
  if (rowCount !== 0) return
  await once(session, `CREATE ROLE ${LOGIN} LOGIN NOINHERIT PASSWORD ${escapeLiteral(folder.loginPassword)}`)
}

async function makeDatabase(session: Client): Promise<void> {
  const { rowCount } = await session.query('SELECT FROM pg_database WHERE datname = $1::text', [DATABASE])
  if (rowCount === 0) await once(session, `CREATE DATABASE ${DATABASE}`)
}

/** Two first starts may do it at once: 42710 and 42P04 say that it is there, 23505 that it is just being made. */
async function once(session: Client, sql: string): Promise<void> {
  try {
    await session.query(sql)
  } catch (error) {
    if (!['42710', '42P04', '23505'].includes((error as { code?: string }).code ?? '')) throw error
  }
}
