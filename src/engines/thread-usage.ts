import { readFileSync } from 'node:fs'

/** USER_HZ: what the kernel tells user space in, whatever it counts in itself. */
const TICKS_A_SECOND = 100

/**
 * Cpu seconds of a thread by its folder in /proc (proc_pid_stat(5): utime and stime), whether it answers or not; null
 * where it is gone.
 */
export function cpuSecondsOf(thread: string): number | null {
  try {
    const stat = readFileSync(`${thread}/stat`, 'latin1')
    const [utime, stime] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
    return (Number(utime) + Number(stime)) / TICKS_A_SECOND
  } catch {
    return null
  }
}
