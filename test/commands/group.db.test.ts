import { DatabaseError } from 'pg'
import type { RunCommand } from '../../src/domain/run/commands.js'
import { until } from '../helpers/until.js'
import { checkJournal } from '../history/check-journal.js'
import {
  accepted,
  begin,
  claim,
  command,
  createPool,
  createProject,
  drain,
  noops,
  ofRun,
  onceKey,
  publish,
  report,
  requestRun,
  type Server,
  World,
} from './world.js'

let world: World
let one: Server
let two: Server

beforeEach(async () => {
  world = await World.open()
  ;[one, two] = await Promise.all([world.server(), world.server()])
  await createPool(one, 'default', { queues: { default: 1_000 } })
})

afterEach(async () => {
  try {
    await checkJournal(world.db.database)
  } finally {
    await world.close()
  }
})

/** In how many transactions these events were written. */
async function transactions(from: number): Promise<number> {
  const rows = await world.query('SELECT DISTINCT xmin::text FROM event WHERE position > $1', [from])
  return rows.length
}

const head = () => one.heads.at(-1) as number

it('commands that come in the same breath are one transaction, in their order', async () => {
  const before = head()
  const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => one.bus.execute(createProject(`p${at}`))))
  expect(answers.map((answer) => accepted(answer).position)).toEqual(
    Array.from({ length: 40 }, (_, at) => before + 1 + at),
  )
  expect(await transactions(before)).toBe(1)
  expect(one.heads.at(-1)).toBe(before + 40)
})

it('what comes while one is in flight gathers for the next', async () => {
  const before = head()
  const first = one.bus.execute(createProject('first'))
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  const rest = Array.from({ length: 20 }, (_, at) => one.bus.execute(createProject(`q${at}`)))
  await Promise.all([first, ...rest])
  expect(await transactions(before)).toBe(2)
})

it('many commands are few groups, of at most 500 each', async () => {
  const before = head()
  await Promise.all(Array.from({ length: 1_001 }, (_, at) => one.bus.execute(createProject(`r${at}`))))
  expect(await transactions(before)).toBeLessThan(20)
  const sizes = await world.query<{ size: number }>(
    'SELECT count(*) AS size FROM event WHERE position > $1 GROUP BY xmin::text',
    [before],
  )
  expect(Math.max(...sizes.map(({ size }) => size))).toBeLessThanOrEqual(500)
})

it('each command of a stream sees what those before it decided', async () => {
  const run = await begin(one, await publish(one, noops(2)))
  const steps: RunCommand[] = [{ type: 'PauseRun' }, { type: 'PauseRun' }, { type: 'ResumeRun' }, { type: 'PauseRun' }]
  const answers = await Promise.all(steps.map((step) => one.bus.execute(ofRun(run, step))))
  expect(answers.map((answer) => accepted(answer).version)).toEqual([5, 5, 6, 7])
  expect(answers.map((answer) => accepted(answer).position === null)).toEqual([false, true, false, false])
})

it('a group takes no further command once it has 5,000 events; a larger command is one transaction', async () => {
  const dag = await publish(one, noops(5_100))
  const before = head()
  const runs = await Promise.all([requestRun(dag), requestRun(dag)].map((each) => one.bus.execute(each)))
  expect(runs.map((answer) => accepted(answer).position)).toEqual([before + 5_102, before + 10_204])
  expect(await transactions(before)).toBe(2)
  const rows = await world.query('SELECT count(DISTINCT xmin::text) AS count FROM event WHERE stream_id = $1', [
    accepted(runs[0]!).streamId,
  ])
  expect(rows).toEqual([{ count: 1 }])
})

it('small commands after a large one keep their order and their answers', async () => {
  const dag = await publish(one, noops(5_050))
  const large = requestRun(dag)
  const answers = await Promise.all([
    one.bus.execute(createProject('before')),
    one.bus.execute(large),
    one.bus.execute(ofRun(large.streamId, { type: 'PauseRun' })),
    one.bus.execute(createProject('after')),
  ])
  const positions = answers.map((answer) => accepted(answer).position as number)
  expect(positions).toEqual([...positions].sort((a, b) => a - b))
  expect(accepted(answers[2]!).version).toBe(5_053)
})

it('a publication under way holds no other command up until it appends: it has a lane of its own', async () => {
  const dag = await publish(one, noops(1))
  const run = await begin(one, dag)
  const holder = await world.db.owner.openSession()
  await holder.query('BEGIN')
  await holder.query('LOCK TABLE dag IN SHARE MODE')
  const disable = command({ aggregate: 'dag', command: { type: 'SetDagEnabled', isEnabled: false } }, dag.dagId)
  const disabling = one.bus.execute(disable)
  await until('the change of the DAG to wait', async () => {
    const rows = await world.db.owner.query('SELECT FROM pg_locks WHERE NOT granted')
    return rows.length > 0
  })
  accepted(await one.bus.execute(ofRun(run, { type: 'PauseRun' })))
  await holder.query('COMMIT')
  accepted(await disabling)
  await holder.end()
})

describe('a command that fails', () => {
  it('by a constraint, fails alone', async () => {
    await one.bus.execute(createProject('taken'))
    const names = ['a', 'b', 'taken', 'c', 'taken', 'd']
    const answers = await Promise.allSettled(names.map((name) => one.bus.execute(createProject(name))))
    expect(answers.map(({ status }) => status === 'fulfilled')).toEqual([true, true, false, true, false, true])
    expect((answers[2] as PromiseRejectedResult).reason).toMatchObject({ code: '23505', constraint: 'project_name' })
    expect((answers[2] as PromiseRejectedResult).reason).toBeInstanceOf(DatabaseError)
  })

  it('by a value that is no JSON, fails alone', async () => {
    const bad = createProject('lone surrogate \ud800')
    const answers = await Promise.allSettled(
      [createProject('e'), bad, createProject('f')].map((each) => one.bus.execute(each)),
    )
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect((answers[1] as PromiseRejectedResult).reason).toMatchObject({ code: 'NOT_JSON' })
  })

  it('by a bug while deciding, fails alone, and its stream goes on from what is stored', async () => {
    const run = await begin(one, await publish(one, noops(2)))
    const broken = { type: 'CancelEverything' } as unknown as RunCommand
    const answers = await Promise.allSettled([
      one.bus.execute(ofRun(run, { type: 'PauseRun' })),
      one.bus.execute(ofRun(run, broken)),
      one.bus.execute(ofRun(run, { type: 'ResumeRun' })),
    ])
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(accepted((answers[2] as PromiseFulfilledResult<never>).value).version).toBe(6)
  })

  it('beside its events, fails alone, and leaves no events', async () => {
    const beside = { text: 'SELECT 1 / $1::integer', values: [0] }
    const answers = await Promise.allSettled(
      [createProject('g'), createProject('h', { beside })].map((each) => one.bus.execute(each)),
    )
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(await world.query(`SELECT FROM project WHERE name = 'h'`)).toEqual([])
  })

  it('is not announced', async () => {
    const heads = [...one.heads]
    await expect(one.bus.execute(createProject('bad \udfff'))).rejects.toMatchObject({ code: 'NOT_JSON' })
    expect(one.heads).toEqual(heads)
  })

  it('refused, it is an answer and no failure, and changes nothing for those after it', async () => {
    const run = await begin(one, await publish(one, noops(1)))
    const answers = await Promise.all([
      one.bus.execute(ofRun('run_00000000000000000000000000', { type: 'PauseRun' })),
      one.bus.execute(ofRun(run, { type: 'RetryInstance', task: 't0' })),
      one.bus.execute(ofRun(run, { type: 'PauseRun' })),
    ])
    expect(answers.map((answer) => 'rejections' in answer)).toEqual([true, true, false])
  })
})

describe('a race that is lost', () => {
  it('two processes that make the same names in opposite orders both get through, each name once', async () => {
    for (let round = 0; round < 8; round += 1) {
      const names = Array.from({ length: 6 }, (_, at) => `race ${round} ${at}`)
      const all = [
        ...names.map((name) => one.bus.execute(createProject(name))),
        ...[...names].reverse().map((name) => two.bus.execute(createProject(name))),
      ]
      const answers = await Promise.allSettled(all)
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(6)
      for (const answer of answers) {
        if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ constraint: 'project_name' })
      }
    }
  })

  it('a stream begun in two processes at once is begun once; the other is told what it then finds', async () => {
    const dag = await publish(one, noops(3))
    for (let round = 0; round < 10; round += 1) {
      const run = requestRun(dag)
      const answers = await Promise.all([one, two].map(({ bus }) => bus.execute({ ...run })))
      const refused = answers.flatMap((answer) => ('rejections' in answer ? answer.rejections : []))
      expect(refused).toMatchObject([{ code: 'CONFLICT', message: 'The run exists already' }])
    }
  })
})

it('a state in memory is brought up to what another process has done since', async () => {
  const run = await begin(one, await publish(one, noops(4)))
  for (let round = 0; round < 5; round += 1) {
    const [here, there] = round % 2 ? [one, two] : [two, one]
    accepted(await here.bus.execute(ofRun(run, { type: 'PauseRun' })))
    accepted(await there.bus.execute(ofRun(run, { type: 'ResumeRun' })))
  }
  await Promise.all([one, two, one, two].map(({ bus }) => bus.execute(ofRun(run, { type: 'PauseRun' }))))
  const [row] = await world.query<{ version: number; status: string }>(
    'SELECT version, status FROM run WHERE id = $1',
    [run],
  )
  expect(row).toEqual({ version: 17, status: 'PAUSED' })
})

it('works whatever the database’s default isolation is', async () => {
  const name = new URL(world.db.url).pathname.slice(1)
  await world.db.owner.query(`ALTER DATABASE "${name}" SET default_transaction_isolation = 'serializable'`)
  const [three, four] = await Promise.all([world.server(), world.server()])
  expect(await three.database.query('SHOW default_transaction_isolation')).toEqual([
    { default_transaction_isolation: 'serializable' },
  ])
  const beside = {
    text: `INSERT INTO person (user_id, username, password_hash, updated_at)
      VALUES ('isolation', current_setting('transaction_isolation'), '', now())`,
    values: [],
  }
  accepted(await three.bus.execute(createProject('isolated', { beside })))
  expect(await world.query(`SELECT username FROM person WHERE user_id = 'isolation'`)).toEqual([
    { username: 'read committed' },
  ])
  const dag = await publish(three, noops(5))
  const runs = await Promise.all(Array.from({ length: 6 }, (_, at) => begin([three, four][at % 2]!, dag)))
  expect((await drain(three)) + (await drain(four))).toBe(30)
  expect(await world.query(`SELECT count(*) AS count FROM run WHERE status = 'SUCCEEDED'`)).toEqual([
    { count: runs.length },
  ])
})

it('what is written beside the events commits with them', async () => {
  const run = await begin(one, await publish(one, noops(1)))
  const [claimed] = await claim(one, 1)
  const command = {
    ...report(claimed!),
    once: onceKey('x'),
    beside: {
      text: `INSERT INTO person (user_id, username, password_hash, updated_at) VALUES ('x', 'x', '', now())`,
      values: [],
    },
  }
  const { position } = accepted(await one.bus.execute(command as never))
  const [row] = await world.query<{ xid: string }>('SELECT xmin::text AS xid FROM event WHERE position = $1', [
    position,
  ])
  expect(await world.query(`SELECT xmin::text AS xid FROM person WHERE user_id = 'x'`)).toEqual([row])
  expect(await world.query('SELECT status FROM run WHERE id = $1', [run])).toEqual([{ status: 'SUCCEEDED' }])
})
