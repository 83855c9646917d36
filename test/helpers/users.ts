import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import { requireSshd } from './sshd.js'

/** A user of this host, for one test file; only root can make one. */
export interface TestUser {
  readonly name: string
  readonly home: string
  readonly uid: number
  /** Replaces what sudo allows this user: lines of sudoers; none takes everything back. */
  sudoers(...lines: string[]): Promise<void>
  remove(): Promise<void>
}

/** Makes a user with a home and a login shell (default /bin/sh) who can log in by key only. */
export async function makeUser(shell = '/bin/sh'): Promise<TestUser> {
  requireSshd()
  const name = `dagbook-${randomBytes(5).toString('hex')}`
  // "*": without PAM sshd takes "!", which useradd sets, for a locked account.
  execFileSync('useradd', ['--create-home', '--shell', shell, '--password', '*', name], { stdio: 'ignore' })
  const uid = Number(execFileSync('id', ['-u', name], { encoding: 'utf8' }))
  const rules = `/etc/sudoers.d/${name}`
  return {
    name,
    home: `/home/${name}`,
    uid,
    sudoers: (...lines) => writeFile(rules, `${lines.join('\n')}\n`, { mode: 0o440 }),
    async remove() {
      await rm(rules, { force: true })
      await endProcessesOf(uid)
      try {
        execFileSync('userdel', ['--remove', '--force', name], { stdio: 'ignore' })
      } catch {
        // It has no mail box, and says so with its exit code.
      }
    },
  }
}

/**
 * A login for tests that do not ask who it is: with /bin/sh where root can make one, as root's own shell may take a
 * second to read its rc files; else the user of this process.
 */
export async function plainLogin(): Promise<{ readonly name: string; readonly remove: () => Promise<void> }> {
  if (process.getuid?.() === 0) return makeUser()
  return { name: os.userInfo().username, remove: async () => {} }
}

/** What a test left running, agents of cut connections too, would keep the user. */
async function endProcessesOf(uid: number): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const owner = await stat(`/proc/${pid}`).catch(() => null)
    if (owner?.uid !== uid) continue
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
}
