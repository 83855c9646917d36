import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'

/** What postmaster.pid says of the server that works on a data folder. */
export interface Postmaster {
  readonly pid: number
  readonly port: number
  /** Takes connections; else it is starting (perhaps repairing after a crash) or stopping. */
  readonly isReady: boolean
  /** The process is there, and is this server. */
  readonly isRunning: boolean
}

/** The server of a data folder (a real path), or null when its pid file is not there or is being written. */
export async function readPostmaster(data: string): Promise<Postmaster | null> {
  const text = await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n').map((line) => line.trim())
  const pid = Number(lines[0])
  const port = Number(lines[3])
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(port) || port <= 0) return null
  return { pid, port, isReady: lines[7] === 'ready', isRunning: isServerOf(pid, data) }
}

/**
 * Removes a pid file that names a process which is not the server. PostgreSQL looks only whether the pid is taken, and
 * in a container that starts again the same small pids are always taken, so it would refuse for ever.
 */
export async function removeStalePidFile(data: string): Promise<void> {
  const found = await readPostmaster(data)
  if (found !== null && !found.isRunning) await rm(path.join(data, 'postmaster.pid'), { force: true })
}

/** Whether a process has that pid; a zombie counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function isServerOf(pid: number, data: string): boolean {
  return isAlive(pid) && `${commandLine(pid)} `.includes(` -D ${data} `)
}

function commandLine(pid: number): string {
  if (process.platform !== 'linux')
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)])
      .stdout.toString()
      .trim()
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
