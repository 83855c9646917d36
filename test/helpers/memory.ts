import { readFileSync, writeFileSync } from 'node:fs'

/** How much more memory a process has taken at its most, in MB (10^6 bytes), since this was called. */
export function growthOf(pid: number): () => number {
  // Its peak begins anew (proc(5)).
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
  const before = residentOf(pid, 'VmRSS')
  return () => Math.round((residentOf(pid, 'VmHWM') - before) / 1e6)
}

/** Bytes: what it has in memory now (VmRSS), or had at its most (VmHWM). */
export function residentOf(pid: number, which: 'VmRSS' | 'VmHWM'): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${which}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) * 1_024
}
