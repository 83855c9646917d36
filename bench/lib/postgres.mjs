import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { silentLogger } from '../../dist/src/platform/logger.js'
import { startEmbeddedPostgres } from '../../dist/src/platform/postgres/embedded-postgres.js'

/** Where Debian puts the server programs of PostgreSQL 15, the version that the goals were measured with. */
const DEBIAN = '/usr/lib/postgresql/15/bin'
const START_DEADLINE_MS = 30_000

/**
 * A private cluster in a temporary folder with the durability that PostgreSQL has by default, which is checked.
 * `kind`: system (Debian's 15), embedded (the one that comes with npm), or null for system where there is one.
 * `settings` only for a system one. Answers { kind, version, url, stop }, the url being a superuser's.
 */
export async function startPostgres(kind, settings = {}) {
  const chosen = kind ?? (existsSync(`${DEBIAN}/initdb`) ? 'system' : 'embedded')
  const folder = await mkdtemp(path.join(os.tmpdir(), 'dagbook-bench-'))
  const server = await (chosen === 'system' ? startSystem(folder, settings) : startEmbedded(folder))
  const stop = async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    return { kind: chosen, url: server.url, stop, version: await checkDurable(server.url) }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startEmbedded(folder) {
  const server = await startEmbeddedPostgres({ dataDir: folder, logger: silentLogger })
  return { url: server.ownerUrl, stop: () => server.stop() }
}

async function startSystem(folder, settings) {
  const as = await unprivileged(folder)
  const data = path.join(folder, 'data')
  const made = spawnSync(
    `${DEBIAN}/initdb`,
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'],
    { ...as, cwd: folder, encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(`initdb failed in ${folder}: ${made.stderr}`)
  const port = await freePort()
  const all = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings }
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(`${DEBIAN}/postgres`, ['-D', data, ...flags], { ...as, cwd: folder, stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  await answers(url, child)
  return {
    url,
    async stop() {
      child.kill('SIGINT')
      await ended
    },
  }
}

/** PostgreSQL refuses to run as root: then it runs as the package's account, who is given the folder. */
async function unprivileged(folder) {
  if (process.getuid() !== 0) return {}
  const [uid, gid] = ['-u', '-g'].map((what) =>
    Number(spawnSync('id', [what, 'postgres'], { encoding: 'utf8' }).stdout),
  )
  await chown(folder, uid, gid)
  return { uid, gid }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

async function answers(url, child) {
  const deadline = performance.now() + START_DEADLINE_MS
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`PostgreSQL did not start: ${error.message}`)
      }
      await pause(50)
    }
  }
}

/** Numbers of a server that may lose what it acknowledged are no numbers. Answers its version. */
async function checkDurable(url) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) {
      const { rows } = await client.query(`SHOW ${name}`)
      if (rows[0][name] !== 'on') throw new Error(`PostgreSQL must run with ${name} on, given ${rows[0][name]}`)
    }
    return (await client.query('SHOW server_version')).rows[0].server_version
  } finally {
    await client.end()
  }
}
