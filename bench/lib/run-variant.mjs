import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { freshDatabase } from './fresh-database.mjs'

/** As `npm start` starts the server: what a group needs lives until it is committed, and is not to be copied meanwhile. */
const SERVER_FLAGS = ['--max-semi-space-size=64']

/** The slowest, a million waiting instances, takes minutes to prepare. */
const DEADLINE_MS = 1_800_000

/**
 * Runs one variant in a process of its own against a database of its own. Answers its measures by name and what else it
 * had to say. Throws with what it wrote to stderr when it failed, which includes that a check of its result failed.
 */
export async function runVariant(serverUrl, { script, variant, size }, profileFile = null) {
  const database = await freshDatabase(serverUrl, `bench_${script.replace(/\W/g, '_')}`)
  try {
    const file = fileURLToPath(new URL(`../${script}`, import.meta.url))
    const flags = script.startsWith('ours/') ? SERVER_FLAGS : []
    return await lastLineOf([
      ...flags,
      file,
      database.url,
      variant,
      String(size),
      ...(profileFile === null ? [] : [profileFile]),
    ])
  } finally {
    await database.drop()
  }
}

function lastLineOf(argv) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
    const written = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => (written[name] += chunk))
    const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      const line = written.stdout.trim().split('\n').at(-1)
      if (code === 0 && line.startsWith('{')) resolve(JSON.parse(line))
      else reject(new Error(`ended with ${signal ?? code}: ${(written.stderr || written.stdout).trim().slice(-2_000)}`))
    })
  })
}
