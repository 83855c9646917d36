import { StorageUnavailableError } from '../../src/commands/command.js'
import { TcpProxy } from '../helpers/tcp-proxy.js'
import { checkJournal } from '../history/check-journal.js'
import {
  accepted,
  begin,
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
  World,
} from './world.js'

const COMMIT = 'COMMIT\0'

let world: World
let proxy: TcpProxy
let near: Server
let far: Server

beforeEach(async () => {
  world = await World.open()
  proxy = await TcpProxy.open(world.db.url)
  near = await world.server()
  far = await world.server(proxy.urlOf(world.db.url))
  await createPool(near, 'default', { queues: { default: 100 } })
})

afterEach(async () => {
  try {
    await checkJournal(world.db.database)
  } finally {
    await world.close()
    await proxy.close()
  }
})

const named = (name: string) => world.query<{ id: string }>('SELECT id FROM project WHERE name = $1', [name])

describe.each(['before', 'after', 'late'] as const)('the connection cut at COMMIT, which arrives: %s', (reaches) => {
  it('a command is done once and gets its answer', async () => {
    proxy.cut({ at: COMMIT, reaches })
    const { streamId, position } = accepted(await far.bus.execute(createProject('p', { once: onceKey('p') })))
    expect(proxy.broken).toBe(1)
    expect(await named('p')).toEqual([{ id: streamId }])
    expect(await world.query('SELECT stream_id AS id FROM event WHERE position = $1', [position])).toEqual([
      { id: streamId },
    ])
  })

  it('a run is begun once, though its stream could not be locked before it was there', async () => {
    const dag = await publish(near, noops(3))
    proxy.cut({ at: COMMIT, reaches })
    const run = requestRun(dag, { once: onceKey('run') })
    expect(accepted(await far.bus.execute(run))).toMatchObject({ streamId: run.streamId, version: 5 })
    expect(await world.query('SELECT id, status FROM run')).toEqual([{ id: run.streamId, status: 'RUNNING' }])
  })

  it('a group of many: each is done once, in order', async () => {
    proxy.cut({ at: COMMIT, reaches })
    const commands = Array.from({ length: 30 }, (_, at) => createProject(`g${at}`, { once: onceKey(`g${at}`) }))
    const answers = await Promise.all(commands.map((each) => far.bus.execute(each)))
    expect(answers.map((answer) => accepted(answer).streamId)).toEqual(commands.map(({ streamId }) => streamId))
    expect(await world.query('SELECT count(*) AS count FROM project')).toEqual([{ count: 30 }])
  })

  it('a report names its fence, so it ends the attempt once', async () => {
    const run = await begin(near, await publish(near, noops(2)))
    const claimed = await claim(near, 2)
    proxy.cut({ at: COMMIT, reaches })
    await Promise.all(claimed.map(async (each) => accepted(await far.bus.execute(report(each)))))
    const rows = await world.query(
      `SELECT type, count(*) AS count FROM event WHERE stream_id = $1 GROUP BY 1 ORDER BY 1`,
      [run],
    )
    expect(rows).toContainEqual({ type: 'InstanceSucceeded', count: 2 })
    expect(await world.query('SELECT status FROM run WHERE id = $1', [run])).toEqual([{ status: 'SUCCEEDED' }])
  })

  it('a claim is not repeated: what it took, if it did, stands in the holds under its node', async () => {
    const run = await begin(near, await publish(near, noops(2)))
    proxy.cut({ at: COMMIT, reaches })
    await expect(claim(far, 1)).rejects.toBeInstanceOf(StorageUnavailableError)
    // Waits for the run's stream, which the lost transaction holds until it is over.
    await near.bus.execute(ofRun(run, { type: 'ResumeRun' }))
    const holds = await world.query<{ node: string }>('SELECT node_id AS node FROM queue_hold')
    expect(holds).toEqual(reaches === 'before' ? [] : [{ node: far.node }])
    expect(await claim(near, 5)).toHaveLength(2 - holds.length)
  })

  it('the other server, meanwhile, is not held up and sees what was stored', async () => {
    proxy.cut({ at: COMMIT, reaches })
    const [a, b] = await Promise.all([
      far.bus.execute(createProject('x', { once: onceKey('x') })),
      near.bus.execute(createProject('y', { once: onceKey('y') })),
    ])
    expect(await near.bus.execute(createProject('x', { once: onceKey('x') }))).toEqual(a)
    expect(await far.bus.execute(createProject('y', { once: onceKey('y') }))).toEqual(b)
  })
})

it('cut again and again, the second and third try included, it is done once', async () => {
  proxy.cut({ at: COMMIT, reaches: 'before', times: 2 })
  proxy.cut({ at: COMMIT, reaches: 'late', times: 2 })
  const answers = await Promise.all(
    Array.from({ length: 5 }, (_, at) =>
      far.bus.execute(createProject(`again ${at}`, { once: onceKey(`again ${at}`) })),
    ),
  )
  expect(answers.map((answer) => accepted(answer).version)).toEqual([1, 1, 1, 1, 1])
  expect(proxy.broken).toBeGreaterThanOrEqual(3)
})

it('cut before COMMIT is sent nothing is stored, and that is said at once', async () => {
  proxy.cut({ at: 'lock_streams', reaches: 'after' })
  const start = performance.now()
  await expect(far.bus.execute(createProject('q', { once: onceKey('q') }))).rejects.toBeInstanceOf(
    StorageUnavailableError,
  )
  expect(performance.now() - start).toBeLessThan(5_000)
  expect(await named('q')).toEqual([])
  accepted(await far.bus.execute(createProject('q', { once: onceKey('q') })))
})

it('cut among the last statements it is not known what is stored: it is asked again, and done once', async () => {
  proxy.cut({ at: 'append_events', reaches: 'after' })
  accepted(await far.bus.execute(createProject('l', { once: onceKey('l') })))
  expect(await named('l')).toHaveLength(1)
})

it('the server’s process ended by an administrator: a command is done, or is said not to be; then all goes on', async () => {
  const run = await begin(near, await publish(near, noops(1)))
  for (let round = 0; round < 5; round += 1) {
    const answers = Promise.allSettled(
      Array.from({ length: 20 }, (_, at) =>
        far.bus.execute(createProject(`k${round} ${at}`, { once: onceKey(`k${round} ${at}`) })),
      ),
    )
    await world.db.owner.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'test-server'
        AND client_port IN (SELECT client_port FROM pg_stat_activity WHERE query LIKE '%append_events%' OR state = 'idle in transaction')`,
    )
    for (const [at, answer] of (await answers).entries()) {
      const stored = await named(`k${round} ${at}`)
      if (answer.status === 'fulfilled') expect(stored).toEqual([{ id: accepted(answer.value).streamId }])
      else expect([stored.length, answer.reason.code]).toEqual([0, 'UNAVAILABLE'])
    }
  }
  accepted(await far.bus.execute(ofRun(run, { type: 'PauseRun' })))
})

it('no database for longer than it is waited for: the caller is told it is not known, and may ask again with its key', async () => {
  proxy.cut({ at: COMMIT, reaches: 'after', thenRefuses: true })
  const answer = far.bus.execute(createProject('r', { once: onceKey('r') }))
  await expect(answer).rejects.toBeInstanceOf(StorageUnavailableError)
  proxy.isRefusing = false
  const repeated = accepted(await far.bus.execute(createProject('r', { once: onceKey('r') })))
  expect(await named('r')).toEqual([{ id: repeated.streamId }])
})

it('a connection that the network has swallowed is given up, and what was under way is done once', async () => {
  const swallowed = await world.server(proxy.urlOf(world.db.url), { answerTimeoutMs: 500 })
  accepted(await swallowed.bus.execute(createProject('before')))
  proxy.isBlackHole = true
  await expect(swallowed.bus.execute(createProject('s', { once: onceKey('s') }))).rejects.toBeInstanceOf(
    StorageUnavailableError,
  )
  proxy.isBlackHole = false
  proxy.reset()
  accepted(await swallowed.bus.execute(createProject('s', { once: onceKey('s') })))
  expect(await named('s')).toHaveLength(1)
})
