import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Binaries } from './binaries.js'
import { EMBEDDED_MAJOR } from './binaries.js'
import { EmbeddedPostgresError } from './embedded-error.js'
import { isAlive } from './postmaster.js'
import { giveFolder, spawnServer, type Way } from './unprivileged.js'

/** The superuser that owns the schema, and the login that may only work as the application's role. */
export const OWNER = 'dagbook_owner'
export const LOGIN = 'dagbook'

/**
 * <dataDir>/postgres/
 *   data/            the cluster
 *   owner-password   of OWNER and LOGIN, mode 0600
 *   login-password
 *   port             where it listened last; it does so again, so that running programs find it after a crash
 *   server.log
 */
export interface ClusterFolder {
  readonly path: string
  readonly data: string
  readonly log: string
  readonly ownerPassword: string
  readonly loginPassword: string
}

/** It takes half a second; a disk that needs longer than this is not one to run on. */
const INIT_DEADLINE_MS = 120_000

export interface InitOptions {
  readonly binaries: Binaries
  readonly way: Way
  /** Skips fsync; for tests. */
  readonly isThrowaway: boolean
}

/**
 * Opens the folder, making the cluster on the first start. Several processes may come first at once: each makes one
 * under a name of its own and renames it into place, whole, and the first rename wins.
 * Throws EmbeddedPostgresError INIT_FAILED, WRONG_MAJOR or NOT_REACHABLE.
 */
export async function openClusterFolder(dataDir: string, options: InitOptions): Promise<ClusterFolder> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  // As `nobody` the server has to pass through; it still cannot list what is there.
  if (options.way === 'nobody') await chmod(dataDir, 0o711)
  const folder = path.join(await realpath(dataDir), 'postgres')
  const version = await readText(path.join(folder, 'data/PG_VERSION'))
  if (version === null) {
    await removeLeftovers(dataDir)
    await makeCluster(dataDir, folder, options)
  } else if (version !== String(EMBEDDED_MAJOR)) {
    throw new EmbeddedPostgresError(
      'WRONG_MAJOR',
      `Data folder ${folder} must be of PostgreSQL ${EMBEDDED_MAJOR}, given ${version}: start the release that made it, or name another DAGBOOK_DATA_DIR`,
    )
  }
  await giveFolder(options.way, folder)
  return {
    path: folder,
    data: path.join(folder, 'data'),
    log: path.join(folder, 'server.log'),
    ownerPassword: await readFile(path.join(folder, 'owner-password'), 'utf8'),
    loginPassword: await readFile(path.join(folder, 'login-password'), 'utf8'),
  }
}

async function makeCluster(dataDir: string, folder: string, options: InitOptions): Promise<void> {
  const draft = path.join(dataDir, `postgres.${process.pid}.${randomBytes(4).toString('hex')}`)
  await mkdir(draft, { mode: 0o700 })
  try {
    for (const name of ['owner-password', 'login-password']) {
      await writeFile(path.join(draft, name), randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' })
    }
    await giveFolder(options.way, draft)
    await runInitdb(draft, options)
    await rename(draft, folder)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    const code = (error as NodeJS.ErrnoException).code ?? ''
    // Another process was first: its folder is there, whole.
    if (!['ENOTEMPTY', 'EEXIST'].includes(code)) throw error
  }
}

/** Text compares by code point with Unicode's upper and lower case, by the server's own tables and not the system's. */
async function runInitdb(draft: string, { binaries, way, isThrowaway }: InitOptions): Promise<void> {
  const args = [
    ...['-D', path.join(draft, 'data'), '-U', OWNER, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'],
    ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', `--pwfile=${path.join(draft, 'owner-password')}`],
    ...['-c', 'shared_buffers=128MB', '-c', 'max_connections=200', '-c', 'timezone=UTC', '-c', 'log_timezone=UTC'],
    ...(isThrowaway ? ['--no-sync'] : []),
  ]
  const child = spawnServer(way, binaries.initdb, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: INIT_DEADLINE_MS,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code === 0) return
  const unreachable = /could not (access|change|open)|Permission denied/.test(output) ? 'NOT_REACHABLE' : 'INIT_FAILED'
  throw new EmbeddedPostgresError(unreachable, `Embedded PostgreSQL could not be made in ${draft}: ${output.trim()}`)
}

/** Drafts of processes that died while they made them. */
async function removeLeftovers(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    const pid = /^postgres\.(\d+)\.[0-9a-f]{8}$/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) await rm(path.join(dataDir, name), { recursive: true, force: true })
  }
}

/** The file's first line, or null when there is none. Throws NOT_REACHABLE for a folder of another user. */
async function readText(file: string): Promise<string | null> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new EmbeddedPostgresError('NOT_REACHABLE', `Data folder must be readable by this user, given ${file}`, {
      cause: error,
    })
  }
}
