import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, renameSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Binaries } from './binaries.js'
import type { ClusterFolder } from './cluster-folder.js'
import { choosePort } from './free-port.js'
import { spawnServer, type Way } from './unprivileged.js'

const LOG_LIMIT = 10 * 1024 * 1024

export interface LaunchOptions {
  readonly binaries: Binaries
  readonly way: Way
  /** On the command line, above those of postgresql.conf. */
  readonly settings: Readonly<Record<string, string>>
}

/**
 * Starts the server in a session of its own, so that Ctrl-C and the death of this process leave it alone. Answers the
 * process; whether it comes up, or another was faster, postmaster.pid and its exit tell.
 */
export async function launchServer(folder: ClusterFolder, options: LaunchOptions): Promise<ChildProcess> {
  const port = await choosePort(folder.path)
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    ...options.settings,
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const log = openLog(folder.log)
  try {
    const child = spawnServer(options.way, options.binaries.postgres, ['-D', folder.data, ...flags], {
      detached: true,
      stdio: ['ignore', log, log],
    })
    child.on('error', () => undefined)
    child.unref()
    return child
  } finally {
    closeSync(log)
  }
}

/** The last lines that the server wrote, for an error's message. */
export async function logTail(folder: ClusterFolder): Promise<string> {
  const text = await readFile(folder.log, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-5).join('\n')
}

/** Appends; what grew too long is kept once, as server.log.1. */
function openLog(file: string): number {
  try {
    if (statSync(file).size > LOG_LIMIT) renameSync(file, `${file}.1`)
  } catch {
    // There is none yet.
  }
  return openSync(file, 'a', 0o600)
}
