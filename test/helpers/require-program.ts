import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** Installs the package of a program that is missing where that can be done, else says what to install. */
export function requireProgram(file: string, name: string): void {
  if (existsSync(file)) return
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`This test needs ${file}: install the package ${name}`)
  }
  // Several test files may want it at once, and apt waits for no list that another apt is fetching.
  const install = 'test -e "$0" || { apt-get -q update && apt-get -q install -y --no-install-recommends "$1"; }'
  execFileSync('flock', [path.join(os.tmpdir(), 'dagbook-apt.lock'), 'sh', '-c', install, file, name], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
