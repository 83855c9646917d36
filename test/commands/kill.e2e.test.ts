import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Tail } from '../../src/history/tail.js'
import { silentLogger } from '../../src/platform/logger.js'
import { compileSources } from '../helpers/compile.js'
import { createTestDatabase, type TestDatabase } from '../helpers/database.js'
import { scaled } from '../helpers/scale.js'
import { until } from '../helpers/until.js'
import { checkJournal } from '../history/check-journal.js'
import { FollowerProbe } from '../history/follow.js'
import { checkReplay } from '../projections/check-replay.js'

const SCRIPT = fileURLToPath(new URL('./kill-writer.mjs', import.meta.url))

let db: TestDatabase
let dir: string

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'dagbook-kill-'))
  await compileSources(path.join(dir, 'compiled'))
  db = await createTestDatabase()
})

afterAll(async () => {
  await db.drop()
  await rm(dir, { recursive: true, force: true })
})

/** One server's life after life: what it acknowledged, in all of them. */
class KilledServer {
  readonly acknowledged = new Map<number, number>()
  /** The first number that no life has acknowledged all up to. */
  get from(): number {
    let from = 0
    while (this.acknowledged.has(from)) from += 1
    return from
  }

  constructor(private readonly name: string) {}

  /** Lives until it has acknowledged that many commands more, and is then killed in the middle of the next. */
  async live(commands: number): Promise<void> {
    const goal = this.acknowledged.size + commands
    const args = [SCRIPT, path.join(dir, 'compiled'), db.url, this.name, String(this.from)]
    const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const errors: string[] = []
    child.stderr?.on('data', (chunk) => errors.push(String(chunk)))
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
    lines.on('line', (line) => {
      const [, number, position] = line.split(' ').map(Number)
      const before = this.acknowledged.get(number as number)
      if (before !== undefined && before !== position)
        throw new Error(`${number} was done twice: ${before}, ${position}`)
      this.acknowledged.set(number as number, position as number)
    })
    await until(`${this.name} to write`, () => {
      if (child.exitCode !== null) throw new Error(errors.join(''))
      return this.acknowledged.size >= goal
    })
    const exited = once(child, 'close')
    child.kill('SIGKILL')
    await exited
  }
}

it('servers killed -9 while they write: nothing acknowledged is lost, nothing is done twice, followers see it once', async () => {
  const tail = new Tail(db.database, silentLogger, 20)
  tail.start(new AbortController().signal)
  const probe = new FollowerProbe(tail, 0)
  const servers = ['one', 'two', 'three'].map((name) => new KilledServer(name))
  await Promise.all(
    servers.map(async (server) => {
      for (let life = 0; life < scaled(4); life += 1) await server.live(20 + Math.random() * 60)
    }),
  )
  await until('what the dead began to be over', async () => {
    const rows = await db.owner.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name IN ('one', 'two', 'three')`,
    )
    return rows.length === 0
  })

  const { events } = await checkJournal(db.database)
  await checkReplay(db, events)
  const stored = await db.owner.query<{ key: string; position: number }>('SELECT key, position FROM command_result')
  const positions = new Map(stored.map(({ key, position }) => [key, position]))
  for (const [at, { acknowledged }] of servers.entries()) {
    const name = ['one', 'two', 'three'][at]
    for (const [number, position] of acknowledged) expect(positions.get(`${name}/${number}`)).toBe(position)
  }
  // A name is given once, so a command that was done twice would have failed; each has its one event.
  expect(events.map(({ type }) => type)).toEqual(events.map(() => 'ProjectCreated'))
  expect(events).toHaveLength(positions.size)

  await probe.upTo(events.length)
  expect(probe.problem).toBeNull()
  expect(probe.events.map(({ leafHash }) => leafHash)).toEqual(events.map(({ leafHash }) => leafHash))
  await probe.stop()
  await tail.stop()
})
