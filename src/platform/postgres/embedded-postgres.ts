import type { Logger } from '../logger.js'
import { findBinaries } from './binaries.js'
import { LOGIN, OWNER, openClusterFolder } from './cluster-folder.js'
import { DATABASE } from './membership.js'
import { Share } from './share.js'
import { chooseWay } from './unprivileged.js'

export interface EmbeddedPostgresOptions {
  /** The cluster is in its folder `postgres`; made when missing. */
  readonly dataDir: string
  readonly logger: Logger
  /** Not durable, and faster: for tests only. */
  readonly isThrowaway?: boolean
  /** Behaves as where user namespaces are refused; for tests. */
  readonly isNamespaceRefused?: boolean
}

export interface EmbeddedPostgres {
  /** A superuser of the cluster, for migrations. */
  readonly ownerUrl: string
  /** A login without rights of its own; `migrate` lets it work as the application's role. */
  readonly appUrl: string
  /** Leaves; the last of all processes stops the server. Call it after every connection has been closed. */
  stop(): Promise<void>
}

const THROWAWAY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/**
 * Starts a PostgreSQL of our own on 127.0.0.1, or joins the one that works on the folder already, whoever started it.
 *
 *   read postmaster.pid -> ready: join -> a shared lock is held until stop()
 *                       -> starting, stopping: look again
 *                       -> nobody: launch it, look again (of several launchers PostgreSQL lets one win)
 *
 * While this process lives it watches over the server: one that was killed is started again on the same port. A server
 * outlives a killed process and is joined by the next start. Throws EmbeddedPostgresError.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = await findBinaries()
  const way = chooseWay(options.isNamespaceRefused)
  const isThrowaway = options.isThrowaway ?? false
  const folder = await openClusterFolder(options.dataDir, { binaries, way, isThrowaway })
  const share = new Share(folder, { binaries, way, settings: isThrowaway ? THROWAWAY : {} }, options.logger)
  const port = await share.enter()
  const address = `127.0.0.1:${port}/${DATABASE}`
  return {
    ownerUrl: `postgres://${OWNER}:${folder.ownerPassword}@${address}`,
    appUrl: `postgres://${LOGIN}:${folder.loginPassword}@${address}`,
    stop: () => share.exit(),
  }
}
