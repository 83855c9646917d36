import type { Client } from 'pg'
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
  type Server,
  World,
} from './world.js'

/** A statement that goes with a command waits here, and with it the group, until the gate is opened. */
const GATE = 4_711

let world: World
let one: Server
let two: Server
let gate: Client

beforeAll(async () => {
  world = await World.open()
  one = await world.server()
  two = await world.server()
  gate = await world.db.owner.openSession()
  await createPool(one, 'default', { queues: { default: 100 } })
  await world.db.owner.query(`
    CREATE FUNCTION fail_behind_gate() RETURNS void LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock(${GATE}); RAISE EXCEPTION 'not to be had'; END $$`)
})

beforeEach(() => gate.query(`SELECT pg_advisory_lock(${GATE})`))

afterAll(async () => {
  await gate.end()
  try {
    await checkJournal(world.db.database)
  } finally {
    await world.close()
  }
})

const open = () => gate.query(`SELECT pg_advisory_unlock(${GATE})`)

const untilHeldUp = () =>
  until('the group to wait at the gate', async () => {
    const text = 'SELECT FROM pg_locks WHERE NOT granted AND objid = $1'
    return (await world.db.owner.query(text, [GATE])).length > 0
  })

const wait = { text: `SELECT pg_advisory_xact_lock(${GATE})`, values: [] }
const fail = { text: 'SELECT fail_behind_gate()', values: [] }

/** A run that server one knows, and that nobody else has been at. */
async function pausedRun(): Promise<string> {
  const run = await begin(one, await publish(one, noops(2)))
  accepted(await one.bus.execute(ofRun(run, { type: 'PauseRun' })))
  return run
}

it('what was decided on a group that then fails is decided again, on what is stored', async () => {
  const run = await pausedRun()
  const failing = one.bus.execute(ofRun(run, { type: 'ResumeRun' }, { beside: fail }))
  failing.catch(() => undefined)
  await untilHeldUp()
  // Ahead: the run is about to go on, so it is paused; when that has failed, it is paused already.
  const ahead = one.bus.execute(ofRun(run, { type: 'PauseRun' }))
  const behind = one.bus.execute(ofRun(run, { type: 'ResumeRun' }))
  await open()
  await expect(failing).rejects.toThrow('not to be had')
  const version = accepted(await ahead).version
  expect(accepted(await ahead).position).toBeNull()
  expect(accepted(await behind)).toMatchObject({ version: version + 1 })
})

it('a stream that another process has moved meanwhile is decided again, on where it stands', async () => {
  const run = await pausedRun()
  const held = one.bus.execute(createProject('holds up', { beside: wait }))
  await untilHeldUp()
  // Ahead: it is paused already. Then it goes on, and pausing it does something.
  const ahead = one.bus.execute(ofRun(run, { type: 'PauseRun' }))
  const resumed = accepted(await two.bus.execute(ofRun(run, { type: 'ResumeRun' })))
  await open()
  accepted(await held)
  expect(accepted(await ahead)).toEqual({
    streamId: run,
    version: resumed.version + 1,
    position: expect.any(Number),
  })
})

it('a key that another process has used meanwhile gets the answer that it got there', async () => {
  const held = one.bus.execute(createProject('holds up again', { beside: wait }))
  await untilHeldUp()
  const once = onceKey('actor/createProject/ahead')
  const ahead = one.bus.execute(createProject('ahead', { once }))
  const there = accepted(await two.bus.execute(createProject('ahead', { once })))
  await open()
  accepted(await held)
  expect(accepted(await ahead)).toEqual(there)
})

it('many behind a group that is held up share one transaction, each deciding on what those before it decided', async () => {
  const run = await pausedRun()
  const held = one.bus.execute(ofRun(run, { type: 'ResumeRun' }, { beside: wait }))
  await untilHeldUp()
  const steps = Array.from({ length: 20 }, (_, at) => (at % 2 ? 'ResumeRun' : 'PauseRun') as 'PauseRun')
  const behind = steps.map((type) => one.bus.execute(ofRun(run, { type })))
  await open()
  const { version } = accepted(await held)
  const answers = (await Promise.all(behind)).map(accepted)
  expect(answers.map((answer) => answer.version)).toEqual(steps.map((_, at) => version + 1 + at))
  const rows = await world.query(
    'SELECT count(DISTINCT xmin::text) AS count FROM event WHERE stream_id = $1 AND version > $2',
    [run, version],
  )
  expect(rows).toEqual([{ count: 1 }])
})
