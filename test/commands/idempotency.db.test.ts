import { IdempotencyConflictError } from '../../src/commands/command.js'
import { Keeper } from '../../src/history/keeper.js'
import { silentLogger } from '../../src/platform/logger.js'
import { until } from '../helpers/until.js'
import { checkJournal } from '../history/check-journal.js'
import {
  accepted,
  begin,
  createPool,
  createProject,
  noops,
  ofRun,
  onceKey,
  publish,
  requestRun,
  type Server,
  World,
} from './world.js'

let world: World
let one: Server
let two: Server

beforeAll(async () => {
  world = await World.open()
  ;[one, two] = await Promise.all([world.server(), world.server()])
  await createPool(one, 'default', { queues: { default: 10 } })
})

afterAll(async () => {
  await checkJournal(world.db.database)
  await world.close()
})

const named = (name: string) => world.query('SELECT id FROM project WHERE name = $1', [name])

it('the same key and body get the same answer, from any process, and nothing is done again', async () => {
  const once = onceKey('actor/createProject/a')
  const first = accepted(await one.bus.execute(createProject('a', { once })))
  expect(await one.bus.execute(createProject('a', { once }))).toEqual(first)
  expect(await two.bus.execute(createProject('a', { once }))).toEqual(first)
  expect(await named('a')).toEqual([{ id: first.streamId }])
})

it('the same key with another body is a conflict, and does nothing', async () => {
  const once = onceKey('actor/createProject/b')
  await one.bus.execute(createProject('b', { once }))
  const other = { key: once.key, bodyHash: onceKey('other').bodyHash }
  await expect(two.bus.execute(createProject('b2', { once: other }))).rejects.toThrow(IdempotencyConflictError)
  expect(await named('b2')).toEqual([])
})

it('a key twice in one group: the second gets the first one’s answer, another body a conflict', async () => {
  const once = onceKey('actor/createProject/c')
  const other = { key: once.key, bodyHash: onceKey('other').bodyHash }
  const beside = {
    text: `INSERT INTO person (user_id, username, password_hash, updated_at) VALUES ('c', 'c', '', now())`,
    values: [],
  }
  const [first, second, third] = await Promise.allSettled([
    one.bus.execute(createProject('c', { once, beside })),
    one.bus.execute(createProject('c', { once, beside })),
    one.bus.execute(createProject('c', { once: other, beside })),
  ])
  expect(first).toMatchObject({ status: 'fulfilled', value: { version: 1 } })
  expect(second).toEqual(first)
  expect(third).toMatchObject({ status: 'rejected', reason: { code: 'CONFLICT' } })
  expect(await named('c')).toHaveLength(1)
  expect(await world.query('SELECT user_id FROM person')).toEqual([{ user_id: 'c' }])
})

it('a hundred times the same key, from two processes at once: one is done, all get its answer', async () => {
  const once = onceKey('actor/createProject/d')
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, at) => (at % 2 ? one : two).bus.execute(createProject('d', { once }))),
  )
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(await named('d')).toEqual([{ id: accepted(answers[0]!).streamId }])
})

it('a lone command that loses the race for its key gets the winner’s answer', async () => {
  const dag = await publish(one, noops(1))
  for (let round = 0; round < 10; round += 1) {
    const once = onceKey(`actor/triggerRun/${round}`)
    const [a, b] = await Promise.all([one, two].map(({ bus }) => bus.execute(requestRun(dag, { once }))))
    expect(accepted(a!)).toEqual(accepted(b!))
  }
  expect(await world.query('SELECT count(*) AS count FROM run')).toEqual([{ count: 10 }])
})

it('the loser waits for a winner that is still under way', async () => {
  const once = onceKey('actor/createProject/slow')
  await world.db.owner.query(`
    CREATE FUNCTION wait_for_gate() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER waits_at_commit AFTER INSERT ON command_result DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (NEW.key LIKE '%slow') EXECUTE FUNCTION wait_for_gate()`)
  const gate = await world.db.owner.openSession()
  await gate.query('SELECT pg_advisory_lock(42)')
  const winner = one.bus.execute(createProject('slow', { once }))
  await until('the winner to hold the journal', async () => {
    const rows = await world.db.owner.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid <> 42`,
    )
    return rows.length > 0
  })
  const loser = two.bus.execute(createProject('slow', { once }))
  await until('the loser to wait', async () => {
    const rows = await world.db.owner.query('SELECT FROM pg_locks WHERE NOT granted')
    return rows.length > 1
  })
  await gate.end()
  expect(await loser).toEqual(await winner)
})

it('a refused command may be repeated, and is done when it has become right', async () => {
  const dag = await publish(one, noops(1))
  const once = onceKey('actor/resumeRun/e')
  const run = requestRun(dag)
  const resume = () => ofRun(run.streamId, { type: 'ResumeRun' }, { once })
  expect(await one.bus.execute(resume())).toMatchObject({ rejections: [{ code: 'NOT_FOUND' }] })
  await one.bus.execute(run)
  await one.bus.execute(ofRun(run.streamId, { type: 'PauseRun' }))
  const answer = accepted(await one.bus.execute(resume()))
  expect(answer.position).toBeGreaterThan(0)
  expect(await two.bus.execute(resume())).toEqual(answer)
})

it('a command that had nothing to do keeps that answer, without a position', async () => {
  const run = await begin(one, await publish(one, noops(1)))
  const once = onceKey('actor/resumeRun/f')
  const nothing = accepted(await one.bus.execute(ofRun(run, { type: 'ResumeRun' }, { once })))
  expect(nothing).toEqual({ streamId: run, position: null, version: 3 })
  await one.bus.execute(ofRun(run, { type: 'PauseRun' }))
  expect(await one.bus.execute(ofRun(run, { type: 'ResumeRun' }, { once }))).toEqual(nothing)
})

it('the answer commits with the events: rolled back together, stored together', async () => {
  const taken = createProject('taken')
  await one.bus.execute(taken)
  const once = onceKey('actor/createProject/g')
  await expect(one.bus.execute(createProject('taken', { once }))).rejects.toMatchObject({ code: '23505' })
  expect(await world.query('SELECT FROM command_result WHERE key = $1', [once.key])).toEqual([])
  const done = accepted(await one.bus.execute(createProject('free', { once })))
  const rows = await world.query('SELECT position, body_hash AS hash FROM command_result WHERE key = $1', [once.key])
  expect(rows).toEqual([{ position: done.position, hash: once.bodyHash }])
})

it('its position is that of its own last event, also in the middle of a group', async () => {
  const commands = Array.from({ length: 5 }, (_, at) => createProject(`h${at}`, { once: onceKey(`h${at}`) }))
  const answers = await Promise.all(commands.map((each) => one.bus.execute(each)))
  for (const [at, answer] of answers.entries()) {
    const { position, streamId } = accepted(answer)
    expect(await world.query('SELECT stream_id FROM event WHERE position = $1', [position])).toEqual([
      { stream_id: streamId },
    ])
    expect(await two.bus.execute(createProject(`h${at}`, { once: onceKey(`h${at}`) }))).toEqual(answer)
  }
})

it('keys are forgotten after seven days, not before', async () => {
  await world.db.owner.query(`UPDATE command_result SET recorded_at = now() - interval '6 days 23 hours'`)
  await world.db.owner.query(
    `UPDATE command_result SET recorded_at = now() - interval '7 days 1 minute' WHERE key = 'h0'`,
  )
  const count = async () =>
    (await world.query<{ count: number }>('SELECT count(*) AS count FROM command_result'))[0]?.count
  const before = await count()
  await new Keeper(world.db.database, silentLogger).runOnce()
  expect(await count()).toBe((before as number) - 1)
})
