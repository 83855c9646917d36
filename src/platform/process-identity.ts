import { readFileSync } from 'node:fs'

/**
 * When a process started, by the host's own count: with its pid it names one process for as long as the host is up.
 * Null: there is no such process (or no /proc to ask: then pids alone have to do, and '' is answered).
 */
export function processStartedAt(pid: number): string | null {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return process.platform === 'linux' ? null : isAlive(pid)
  }
  // The name in parentheses may hold anything; what follows it is the third field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? null : (fields[19] as string)
}

function isAlive(pid: number): string | null {
  try {
    process.kill(pid, 0)
    return ''
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? '' : null
  }
}
