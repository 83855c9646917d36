import { execFileSync } from 'node:child_process'
import { mkdirSync, rmdirSync } from 'node:fs'

/** Why this process may not act as others do, or null: it is root. */
export function whyNotRoot(): string | null {
  return process.getuid?.() === 0 ? null : 'this needs root'
}

/** Why nothing can be mounted in a namespace of our own, or null: only root may, and not in every container. */
export function whyNoMounts(): string | null {
  if (whyNotRoot() !== null) return whyNotRoot()
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' })
    return null
  } catch {
    return 'this needs a host that lets root mount file systems'
  }
}

/** Why no process can be given less memory than the host has, or null: only root may, where memory is a cgroup v1 controller. */
export function whyNoMemoryLimits(): string | null {
  const group = `/sys/fs/cgroup/memory/dagbook-test-${process.pid}`
  try {
    mkdirSync(group)
    rmdirSync(group)
    return null
  } catch {
    return 'this needs root, and a memory controller of cgroup v1'
  }
}

/** `describe` and `it` where no reason speaks against it; else they skip, and the reason is printed. */
export function unless(reason: string | null): { readonly describe: jest.Describe; readonly it: jest.It } {
  if (reason === null) return { describe, it }
  console.warn(`SKIPPED in part: ${reason}`)
  return { describe: describe.skip as jest.Describe, it: it.skip }
}
