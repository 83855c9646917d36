import { Plans } from '../../src/commands/plans.js'
import { Streams } from '../../src/commands/streams.js'
import { readStreamHeads, type StreamHead } from '../../src/history/lock-streams.js'
import { accepted, begin, createPool, drain, noops, ofRun, publish, type Server, World } from './world.js'

let world: World
let server: Server
let streams: Streams

beforeEach(async () => {
  world = await World.open()
  server = await world.server()
  streams = new Streams(new Plans())
  await createPool(server, 'default', { queues: { default: 10 } })
})

afterEach(() => world.close())

async function headOf(id: string): Promise<StreamHead> {
  return (await readStreamHeads(world.db.database.pool as never, [id])).get(id) as StreamHead
}

it('a cold stream is read from its first event, a warm one from where it stands', async () => {
  const run = await begin(server, await publish(server, noops(3)))
  const first = await streams.upTo(world.db.database.pool, await headOf(run))
  expect(first).toMatchObject({ version: 5, state: { status: 'RUNNING', openCount: 3 } })
  accepted(await server.bus.execute(ofRun(run, { type: 'PauseRun' })))
  const second = await streams.upTo(world.db.database.pool, await headOf(run))
  expect(second).toBe(first)
  expect(second).toMatchObject({ version: 6, state: { status: 'PAUSED' } })
})

it('a state that is ahead of the stream, after a rollback or a restore, is read anew', async () => {
  const run = await begin(server, await publish(server, noops(3)))
  const head = await headOf(run)
  const stream = await streams.upTo(world.db.database.pool, head)
  stream.version += 1
  expect(await streams.upTo(world.db.database.pool, head)).not.toBe(stream)
})

it('a state whose last hash is not the stream’s is read anew', async () => {
  const run = await begin(server, await publish(server, noops(3)))
  const stream = await streams.upTo(world.db.database.pool, await headOf(run))
  stream.headHash = '00'.repeat(32)
  stream.state = { status: 'NONE' }
  const fresh = await streams.upTo(world.db.database.pool, await headOf(run))
  expect(fresh).toMatchObject({ version: 5, state: { status: 'RUNNING' } })
})

it('a stream that others have moved is not decided ahead before eight locks have found it as it was left', async () => {
  const run = await begin(server, await publish(server, noops(1)))
  const stream = await streams.upTo(world.db.database.pool, await headOf(run))
  expect(streams.expected(run)).toBe(stream)
  streams.note(run, false)
  for (let lock = 1; lock <= 8; lock += 1) {
    expect(streams.expected(run)).toBeUndefined()
    streams.note(run, true)
  }
  expect(streams.expected(run)).toBe(stream)
})

it('a state that went another way is read anew, however the stream has gone on since', async () => {
  const run = await begin(server, await publish(server, noops(3)))
  const stream = await streams.upTo(world.db.database.pool, await headOf(run))
  stream.headHash = '00'.repeat(32)
  stream.state = { status: 'NONE' }
  await server.bus.execute(ofRun(run, { type: 'PauseRun' }))
  const fresh = await streams.upTo(world.db.database.pool, await headOf(run))
  expect(fresh).toMatchObject({ version: 6, state: { status: 'PAUSED' } })
})

it('a stream that does not end in its head’s hash is used by nobody', async () => {
  const run = await begin(server, await publish(server, noops(3)))
  await world.db.owner.query(`UPDATE stream SET head_hash = sha256('other') WHERE id = $1`, [run])
  await expect(streams.upTo(world.db.database.pool, await headOf(run))).rejects.toThrow('does not end in the hash')
  await expect(server.bus.execute(ofRun(run, { type: 'PauseRun' }))).rejects.toThrow('does not end in the hash')
  const other = await begin(server, await publish(server, noops(2)))
  expect(await drain(server)).toBe(2)
  expect(await world.query('SELECT status FROM run WHERE id = $1', [other])).toEqual([{ status: 'SUCCEEDED' }])
})

it('one stream that cannot be used does not take the others of a group with it', async () => {
  const [bad, good] = [
    await begin(server, await publish(server, noops(1))),
    await begin(server, await publish(server, noops(1))),
  ]
  await world.db.owner.query(`UPDATE stream SET head_hash = sha256('other') WHERE id = $1`, [bad])
  const answers = await Promise.allSettled(
    [bad, good].map((run) => server.bus.execute(ofRun(run, { type: 'PauseRun' }))),
  )
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
})
