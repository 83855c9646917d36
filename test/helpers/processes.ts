import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process that has to do with a folder: its command line, environment or working directory names it. */
export interface Found {
  readonly pid: number
  readonly command: string
}

/** Without this process itself. */
export function processesOf(folder: string): Found[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return []
    const command = readProc(name, 'cmdline')
    const texts = [command, readProc(name, 'environ'), readLink(name, 'cwd')]
    return texts.some((text) => text.includes(folder)) ? [{ pid: Number(name), command }] : []
  })
}

export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

function readProc(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8').replaceAll('\0', ' ')
  } catch {
    // Ended, or of another user.
    return ''
  }
}

function readLink(pid: string, name: string): string {
  try {
    return readlinkSync(`/proc/${pid}/${name}`)
  } catch {
    return ''
  }
}
