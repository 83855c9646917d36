import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { chown, readdir, stat } from 'node:fs/promises'
import path from 'node:path'

/**
 * PostgreSQL refuses to run as root. Three ways to start it:
 *   direct      as a plain user
 *   namespace   as root in a user namespace that calls root `nobody`: no account is needed, files stay root's, and a
 *               home or a node_modules of mode 0700 is no obstacle
 *   nobody      as root where namespaces are refused (Docker's default profile): as uid 65534, who must own the folder
 */
export type Way = 'direct' | 'namespace' | 'nobody'

const NOBODY = 65_534
const UNSHARE = ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`]

/** The way this process can start the server; `isNamespaceRefused` is for tests. */
export function chooseWay(isNamespaceRefused = false): Way {
  if (process.getuid?.() !== 0) return 'direct'
  if (isNamespaceRefused) return 'nobody'
  return spawnSync('unshare', [...UNSHARE, 'true'], { stdio: 'ignore' }).status === 0 ? 'namespace' : 'nobody'
}

/** Starts the program in that way, with an environment that holds nothing of ours. */
export function spawnServer(way: Way, program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const bare = { ...options, env: { PATH: '/usr/bin:/bin', TZ: 'UTC' } }
  if (way === 'namespace') return spawn('unshare', [...UNSHARE, program, ...args], bare)
  if (way === 'nobody') return spawn(program, args, { ...bare, uid: NOBODY, gid: NOBODY })
  return spawn(program, args, bare)
}

/** Gives the folder and all in it to whom the way needs, when another way was used before. Only root can and does. */
export async function giveFolder(way: Way, folder: string): Promise<void> {
  if (way === 'direct') return
  const owner = way === 'nobody' ? NOBODY : 0
  if ((await stat(folder)).uid === owner) return
  for (const entry of await readdir(folder, { recursive: true })) await chown(path.join(folder, entry), owner, owner)
  // Last, so that a start which is killed half-way begins again.
  await chown(folder, owner, owner)
}
