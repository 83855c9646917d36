import type { Claimed } from '../../src/commands/claim.js'
import { type Command, StorageUnavailableError } from '../../src/commands/command.js'
import type { AttemptOutcome, RunCommand } from '../../src/domain/run/commands.js'
import { Tail } from '../../src/history/tail.js'
import { type Database, openDatabase } from '../../src/platform/database.js'
import { silentLogger } from '../../src/platform/logger.js'
import type { OfferedMachine } from '../../src/queue/candidate.js'
import { checkEventSchemas } from '../golden/check-event-schemas.js'
import { SCALE, scaled } from '../helpers/scale.js'
import { TcpProxy } from '../helpers/tcp-proxy.js'
import { until } from '../helpers/until.js'
import { checkJournal } from '../history/check-journal.js'
import { FollowerProbe } from '../history/follow.js'
import { Writer } from '../history/writer.js'
import { checkReplay } from '../projections/check-replay.js'
import {
  claim,
  createPool,
  createProject,
  noops,
  ofRun,
  onceKey,
  publish,
  report,
  requestRun,
  type Server,
  shell,
  World,
} from './world.js'

const OUTCOMES: readonly AttemptOutcome[] = ['FAILED', 'TIMED_OUT', 'STOPPED', 'NOT_STARTED', 'LOST', 'ERRORED']

const chance = (share: number) => Math.random() < share
const oneOf = <T>(all: readonly T[]): T => all[Math.floor(Math.random() * all.length)] as T
const breath = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 4))

let world: World
let proxy: TcpProxy
let servers: Server[]
let machines: OfferedMachine[]
/** Runs that were asked for, and acknowledged. */
let runs: string[]
/** What was acknowledged, and at which position. */
let acknowledged: { readonly command: Command; readonly position: number | null }[]
let isOver = false
const loops: Promise<unknown>[] = []
const probes: FollowerProbe[] = []
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  world = await World.open()
  proxy = await TcpProxy.open(world.db.url)
  const through = proxy.urlOf(world.db.url)
  servers = await Promise.all([
    world.server(),
    world.server(),
    world.server(),
    world.server(through),
    world.server(through),
  ])
  runs = []
  acknowledged = []
  machines = await createPool(servers[0]!, 'default', { queues: { default: 30, small: 3 }, machines: { m: 20 } })
})

afterAll(async () => {
  await calm()
  await Promise.all(probes.map((probe) => probe.stop()))
  for (const close of closing) await close()
  await world.close()
  await proxy.close()
})

/** Everything that goes on by itself comes to its end. */
async function calm(): Promise<void> {
  isOver = true
  await Promise.all([...loops, ...servers.map(({ bus }) => bus.drained())])
}

/** As a caller does: until there is an answer. The constraint's error is one. */
async function insist(server: Server, command: Command): Promise<void> {
  for (;;) {
    try {
      const outcome = await server.bus.execute(command)
      if ('rejections' in outcome) return
      acknowledged.push({ command, position: outcome.position })
      if (command.command.type === 'RequestRun') runs.push(command.streamId)
      return
    } catch (error) {
      if (!(error instanceof StorageUnavailableError)) return
      await breath()
    }
  }
}

/** A dispatcher: claims, reports, tells old stories, loses contact, and never forgets what is in its hands. */
async function dispatch(server: Server): Promise<void> {
  const past: Claimed[] = []
  while (!isOver) {
    const claimed = await claim(server, 1 + Math.floor(Math.random() * 10), machines).catch(() => [])
    past.push(...claimed)
    await Promise.all(claimed.map((each) => attempt(server, each, past)))
    if (claimed.length === 0) await adopt(server)
  }
}

async function attempt(server: Server, claimed: Claimed, past: readonly Claimed[]): Promise<void> {
  const { runId, taskKey: task, fence } = claimed
  const of = (command: RunCommand) => ofRun(runId, command, { actor: server.node })
  if (chance(0.5)) await insist(server, of({ type: 'ReportStarted', task, fence, pid: 1 }))
  if (chance(0.1)) {
    await insist(server, of({ type: 'ReportContactLost', task, fence, reason: 'cut' }))
    await insist(oneOf(servers), of({ type: 'ReattachInstance', task, fence, node: server.node }))
  }
  const reports = [report(claimed, chance(0.85) ? 'SUCCEEDED' : oneOf(OUTCOMES))]
  if (chance(0.2)) reports.push(report(oneOf(past), 'FAILED'))
  await Promise.all(reports.map((each) => insist(server, each)))
}

/** What its node holds without knowing: claims whose answer was lost. */
async function adopt(server: Server): Promise<void> {
  const rows = await world.query<{ run: string; task: string; fence: number }>(
    'SELECT run_id AS run, task_key AS task, fence FROM queue_hold WHERE node_id = $1',
    [server.node],
  )
  await Promise.all(
    rows.map(({ run, task, fence }) => insist(server, report({ runId: run, taskKey: task, fence } as Claimed))),
  )
  await breath()
}

/** Users: they begin runs, steer them, repeat themselves, and make the same names. */
async function use(
  server: Server,
  dags: Awaited<ReturnType<typeof publish>>[],
  steps: number,
  at: number,
): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    const once = onceKey(`user ${at}/${chance(0.9) ? step : 0}`)
    const run = runs.length > 0 ? oneOf(runs) : 'run_00000000000000000000000000'
    const task = `t${Math.floor(Math.random() * 12)}`
    const commands: Command[] = [
      requestRun(oneOf(dags), { once }),
      createProject(`name ${Math.floor(Math.random() * steps)}`, { once }),
      ofRun(run, oneOf([{ type: 'PauseRun' }, { type: 'ResumeRun' }] as const), { once }),
      ofRun(run, { type: 'CancelInstance', task, reason: 'a user' }, { once }),
      ofRun(run, { type: 'ForceInstance', task, status: 'SKIPPED', reason: 'a user' }, { once }),
      ofRun(run, { type: 'RetryInstance', task }, { once }),
      ...(chance(0.2)
        ? [ofRun(run, oneOf([{ type: 'CancelRun', reason: null }, { type: 'TimeOutRun' }] as const), { once })]
        : []),
    ]
    await Promise.all([insist(server, commands[0]!), insist(oneOf(servers), oneOf(commands))])
    await breath()
  }
}

/** The network and the administrator. */
async function harm(): Promise<void> {
  while (!isOver) {
    if (proxy.pendingCuts === 0) {
      proxy.cut({ at: 'COMMIT\0', reaches: oneOf(['before', 'after', 'late'] as const), lateMs: 20 })
    }
    if (chance(0.1)) proxy.reset()
    if (chance(0.2)) {
      await world.db.owner.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 400))
  }
}

/** Three tails: one hears all, one loses most of its notifications, one hears nothing at all and polls. */
async function openTails(): Promise<Tail[]> {
  const database = await openDatabase({ url: world.db.url, role: 'dagbook_app', applicationName: 'tails', poolSize: 5 })
  const muted: Database['query'] = (query, values) =>
    String(query).includes('pg_notify') && chance(0.7) ? Promise.resolve([]) : database.query(query, values)
  const tails = [
    new Tail(database, silentLogger, 100),
    new Tail({ ...database, query: muted }, silentLogger, 50),
    new Tail({ ...database, openSession: () => Promise.reject(new Error('deaf')) }, silentLogger, 20),
  ]
  for (const tail of tails) {
    tail.start(new AbortController().signal)
    closing.push(() => tail.stop())
  }
  closing.push(() => database.close())
  return tails
}

/** Followers from the beginning, and again and again from anywhere; some take their time. */
async function follow(tails: readonly Tail[]): Promise<void> {
  for (const tail of tails) for (const after of [0, 1, 7]) probes.push(new FollowerProbe(tail, after))
  while (!isOver && probes.length < FOLLOWERS) {
    const tail = oneOf(tails)
    const after = Math.floor(Math.random() * (tail.head + 1))
    probes.push(new FollowerProbe(tail, after, chance(0.5) ? breath : undefined))
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

/** Each is told every event; so many are enough, however long it takes. */
const FOLLOWERS = scaled(60)

async function nudge(tail: Tail): Promise<void> {
  while (!isOver) {
    await breath()
    const head = servers[0]!.heads.at(-1)
    if (head !== undefined) tail.nudge(head)
  }
}

function publishAll() {
  const retry = { maxAttempts: 3 }
  const end = { noop: {}, needs: ['s0', 't0'], when: 'ALL_DONE' } as const
  return Promise.all([
    publish(servers[0]!, noops(12, { isChained: true })),
    publish(servers[0]!, { ...noops(8), ...shell(6, { retry }), end }),
    publish(
      servers[0]!,
      { ...shell(5, { queue: 'small', retry }), t0: { noop: {}, needs: ['s1'] } },
      { maxParallel: 2 },
    ),
  ])
}

/** What is paused goes on, what waits for a retry is tried again. */
async function untilEveryRunEnds(): Promise<void> {
  await until(
    'every run to end',
    async () => {
      const open = await world.query<{ id: string; task: string; status: string }>(
        `SELECT run.id, run.status, i.task_key AS task FROM run
       LEFT JOIN instance i ON i.run_id = run.id AND i.status = 'RETRY_WAIT' WHERE run.ended_at IS NULL`,
      )
      await Promise.all(
        open.flatMap(({ id, task, status }) => [
          ...(status === 'PAUSED' ? [insist(servers[0]!, ofRun(id, { type: 'ResumeRun' }))] : []),
          ...(task === null ? [] : [insist(servers[0]!, ofRun(id, { type: 'RetryInstance', task }))]),
        ]),
      )
      return open.length === 0
    },
    90_000 * Math.max(1, SCALE),
  )
}

it('whatever happens at once, the journal is whole, followers see it once and in order, and nothing acknowledged is lost', async () => {
  const old = await Writer.open(world.db)
  closing.push(() => old.session.end())
  await old.begin('REPEATABLE READ')
  await old.session.query('SELECT count(*) FROM event')
  const tails = await openTails()
  const dags = await publishAll()
  loops.push(follow(tails), nudge(tails[1]!), harm(), ...servers.map(dispatch))
  await Promise.all(servers.slice(1).map((server, at) => use(server, dags, scaled(8), at)))
  await untilEveryRunEnds()
  await calm()

  const { events } = await checkJournal(world.db.database)
  await checkReplay(world.db, events, 100 + Math.floor(Math.random() * 900))
  checkEventSchemas(events)
  await Promise.all(probes.map((probe) => probe.upTo(events.length)))
  for (const probe of probes) {
    expect(probe.problem).toBeNull()
    probe.events.forEach((event, at) => {
      if (event.leafHash !== events[probe.after + at]!.leafHash) throw new Error(`Another event at ${event.position}`)
    })
  }
  expectAcknowledged(new Map(events.map((event) => [event.position, event])))
  expect(await world.query('SELECT FROM queue_hold UNION ALL SELECT FROM queue_entry')).toEqual([])
  expect(proxy.broken).toBeGreaterThan(3)
  expect(new Set(events.map(({ type }) => type)).size).toBeGreaterThan(18)
})

function expectAcknowledged(at: ReadonlyMap<number, { streamId: string; commandId: string | null }>): void {
  expect(acknowledged.length).toBeGreaterThan(100)
  for (const { command, position } of acknowledged) {
    if (position === null) continue
    const event = at.get(position)
    // A repeat of a key gets the first one's answer, whose command was another.
    if (command.once === null) expect(event).toMatchObject({ streamId: command.streamId, commandId: command.id })
    else expect(event).toBeDefined()
  }
}
