import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { silentLogger } from '../../../src/platform/logger.js'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/platform/postgres/embedded-postgres.js'
import { isAlive } from '../../../src/platform/postgres/postmaster.js'
import { Program } from '../run-program.js'

let dataDir: string
let opened: EmbeddedPostgres[]

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'embedded-'))
  opened = []
})

afterEach(async () => {
  for (const one of opened) await one.stop()
  const pid = await postmasterPid().catch(() => 0)
  if (pid > 0) process.kill(pid, 'SIGQUIT')
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10 })
})

let made: string | null = null

/** A cluster that was started and stopped once already: to make one takes longer than what is tested on it. */
async function startedBefore(): Promise<void> {
  if (made === null) {
    const folder = await mkdtemp(path.join(tmpdir(), 'embedded-made-'))
    await chmod(folder, 0o711)
    await (await startEmbeddedPostgres({ dataDir: folder, logger: silentLogger, isThrowaway: true })).stop()
    made = folder
  }
  execFileSync('cp', ['-a', `${made}/.`, dataDir])
}

afterAll(async () => {
  if (made !== null) await rm(made, { recursive: true })
})

async function start(options: { isThrowaway?: boolean; isNamespaceRefused?: boolean } = {}): Promise<EmbeddedPostgres> {
  const one = await startEmbeddedPostgres({ dataDir, logger: silentLogger, isThrowaway: true, ...options })
  opened.push(one)
  return one
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

function inData(name: string): string {
  return path.join(dataDir, 'postgres/data', name)
}

async function postmasterPid(): Promise<number> {
  return Number.parseInt(await readFile(inData('postmaster.pid'), 'utf8'), 10)
}

async function isStopped(): Promise<boolean> {
  return !(await readdir(inData('.'))).includes('postmaster.pid')
}

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + 15_000
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > end) throw error
      await pause(10)
    }
  }
}

async function killServer(): Promise<void> {
  const pid = await postmasterPid()
  process.kill(pid, 'SIGKILL')
  while (isAlive(pid)) await pause(10)
}

describe('at its first start', () => {
  it('is durable, in UTF-8 and UTC, listens on 127.0.0.1 alone, and its passwords are its owner’s', async () => {
    const { ownerUrl, appUrl } = await start({ isThrowaway: false })
    const names = ['fsync', 'synchronous_commit', 'listen_addresses', 'unix_socket_directories', 'TimeZone']
    const more = ['server_encoding', 'max_connections', 'shared_buffers', 'password_encryption']
    const columns = [...names, ...more].map((name) => `current_setting('${name}') AS "${name}"`)
    expect(
      await query(ownerUrl, `SELECT ${columns.join(', ')}, 'B' < 'a' AS "sortsByCode", upper('ä') AS upper`),
    ).toEqual([
      {
        ...{ fsync: 'on', synchronous_commit: 'on', listen_addresses: '127.0.0.1', unix_socket_directories: '' },
        ...{ TimeZone: 'UTC', server_encoding: 'UTF8', max_connections: '200', shared_buffers: '128MB' },
        ...{ password_encryption: 'scram-sha-256', sortsByCode: true, upper: 'Ä' },
      },
    ])
    const text = 'SELECT session_user::text AS name, rolsuper AS super FROM pg_roles WHERE rolname = session_user'
    expect(await query(appUrl, text)).toEqual([{ name: 'dagbook', super: false }])
    for (const name of ['owner-password', 'login-password']) {
      expect((await stat(path.join(dataDir, 'postgres', name))).mode & 0o777).toBe(0o600)
    }
    await expect(query(ownerUrl.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
  })

  it('is one server for all who come first at once, until the last has left', async () => {
    const all = await Promise.all([start(), start(), start()])
    expect(new Set(all.map((one) => one.ownerUrl)).size).toBe(1)
    expect(await readdir(dataDir)).toEqual(['postgres'])
    await all[0].stop()
    await all[1].stop()
    expect(await query(all[2].ownerUrl, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
    await all[2].stop()
    expect(await isStopped()).toBe(true)
  })
})

describe('the embedded PostgreSQL', () => {
  beforeEach(startedBefore)

  it('stops when its only user leaves, and has the data at the next start', async () => {
    const first = await start()
    await query(first.ownerUrl, 'CREATE TABLE kept AS SELECT 42 AS n')
    await first.stop()
    await first.stop()
    expect(await isStopped()).toBe(true)
    const second = await start()
    expect(await query(second.ownerUrl, 'SELECT n FROM kept')).toEqual([{ n: 42 }])
    expect(second.ownerUrl).toBe(first.ownerUrl)
  })

  it('never takes the server from one who comes while another leaves', async () => {
    const comeAndGo = async () => {
      for (let round = 0; round < 6; round += 1) {
        const one = await start()
        expect(await query(one.ownerUrl, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
        await one.stop()
      }
    }
    await Promise.all([comeAndGo(), comeAndGo(), comeAndGo(), comeAndGo()])
    expect(await isStopped()).toBe(true)
  })

  it('repairs itself at the next start after a kill -9, with all that was committed', async () => {
    const first = await start({ isThrowaway: false })
    await query(first.ownerUrl, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n')
    const killed = killServer()
    await Promise.all([killed, first.stop()])
    expect(await isStopped()).toBe(false)
    const second = await start()
    expect(await query(second.ownerUrl, 'SELECT count(*)::integer AS n FROM kept')).toEqual([{ n: 1000 }])
  })

  it('is started again, on the same port, when it is killed under a living program', async () => {
    const one = await start({ isThrowaway: false })
    await query(one.ownerUrl, 'CREATE TABLE kept AS SELECT 42 AS n')
    await killServer()
    expect(await eventually(() => query(one.ownerUrl, 'SELECT n FROM kept'))).toEqual([{ n: 42 }])
    await one.stop()
    expect(await isStopped()).toBe(true)
  })

  it('starts although its old pid belongs to another program now', async () => {
    await (await start()).stop()
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' })
    try {
      await writeFile(inData('postmaster.pid'), `${stranger.pid}\n${inData('')}\n1\n5432\n\n127.0.0.1\n 1 1\nready\n`)
      const { ownerUrl } = await start()
      expect(await query(ownerUrl, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
      expect(stranger.exitCode).toBeNull()
    } finally {
      stranger.kill()
    }
  }, 20_000)

  it('refuses a folder of another major version', async () => {
    await (await start()).stop()
    await writeFile(inData('PG_VERSION'), '17\n')
    await expect(start()).rejects.toMatchObject({
      code: 'WRONG_MAJOR',
      message: expect.stringContaining('must be of PostgreSQL 18, given 17'),
    })
  })

  it('takes another port when the old one is somebody else’s', async () => {
    await (await start()).stop()
    const port = await readFile(path.join(dataDir, 'postgres/port'), 'utf8')
    const held = createServer().listen(Number(port), '127.0.0.1')
    try {
      const { ownerUrl } = await start()
      expect(new URL(ownerUrl).port).not.toBe(port)
    } finally {
      held.close()
    }
  })
})

const SERVE = `
  import { startEmbeddedPostgres } from './platform/postgres/embedded-postgres.js'
  import { silentLogger } from './platform/logger.js'
  const one = await startEmbeddedPostgres({ dataDir: DATA_DIR, logger: silentLogger, isThrowaway: true })
  console.log('ready ' + one.ownerUrl)
  process.once('SIGTERM', () => one.stop().then(() => console.log('stopped')))
`

/** Only root can become somebody else, and only where the checkout is readable for others. */
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
const canBeNobody =
  process.getuid?.() === 0 && spawnSync(NOBODY[0] as string, [...NOBODY.slice(1), 'ls', process.cwd()]).status === 0

describe.each([
  { who: 'the current user', as: [] as string[] },
  ...(canBeNobody ? [{ who: 'a plain user', as: NOBODY }] : []),
])('a program that runs as $who', ({ as }) => {
  function serve(): Program {
    return Program.run(SERVE.replace('DATA_DIR', JSON.stringify(path.join(dataDir, 'inner'))), as)
  }

  async function urlOf(program: Program): Promise<string> {
    return (await program.line(/^ready /)).slice(6)
  }

  beforeEach(() => chmod(dataDir, 0o777))

  it('leaves its server to the next one when it is killed; that one stops it', async () => {
    const first = serve()
    const url = await urlOf(first)
    const [before] = await query(url, 'SELECT pg_postmaster_start_time() AS at')
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS n')
    process.kill(first.pid, 'SIGKILL')
    await first.ended
    const second = serve()
    expect(await urlOf(second)).toBe(url)
    expect(await query(url, 'SELECT n FROM kept')).toEqual([{ n: 42 }])
    expect(await query(url, 'SELECT pg_postmaster_start_time() AS at')).toEqual([before])
    process.kill(second.pid, 'SIGTERM')
    expect(await second.ended).toEqual({ code: 0, signal: null })
    await expect(query(url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('shares it with another program', async () => {
    const programs = [serve(), serve()] as const
    const urls = await Promise.all(programs.map(urlOf))
    expect(urls[1]).toBe(urls[0])
    process.kill(programs[0].pid, 'SIGTERM')
    await programs[0].ended
    expect(await query(urls[0] as string, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
    process.kill(programs[1].pid, 'SIGTERM')
    expect(await programs[1].ended).toEqual({ code: 0, signal: null })
  })
})

if (canBeNobody) {
  describe('as root', () => {
    it('runs as nobody where user namespaces are refused, and the folder moves between both ways', async () => {
      await chmod(dataDir, 0o755)
      const first = await start({ isNamespaceRefused: true })
      await query(first.ownerUrl, 'CREATE TABLE kept AS SELECT 42 AS n')
      expect((await stat(inData('PG_VERSION'))).uid).toBe(65_534)
      await first.stop()
      const second = await start()
      expect(await query(second.ownerUrl, 'SELECT n FROM kept')).toEqual([{ n: 42 }])
      expect((await stat(inData('PG_VERSION'))).uid).toBe(0)
      await second.stop()
      const third = await start({ isNamespaceRefused: true })
      expect(await query(third.ownerUrl, 'SELECT n FROM kept')).toEqual([{ n: 42 }])
    })

    it('says so when the folder is another user’s', async () => {
      await (await start()).stop()
      const text = `
        import { startEmbeddedPostgres } from './platform/postgres/embedded-postgres.js'
        import { silentLogger } from './platform/logger.js'
        const options = { dataDir: ${JSON.stringify(dataDir)}, logger: silentLogger }
        await startEmbeddedPostgres(options).catch((error) => console.log(error.code, error.message))
      `
      const line = await Program.run(text, NOBODY).line(/./)
      expect(line).toMatch(/^NOT_REACHABLE Data folder must be readable by this user, given /)
    })
  })
}
