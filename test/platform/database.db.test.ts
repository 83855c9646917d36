import { RAW_JSON_TYPES } from '../../src/platform/column-types.js'
import { openDatabase, RoleNotAppliedError } from '../../src/platform/database.js'
import type { Statement } from '../../src/platform/statement.js'
import { AbortedTransactionError, AmbiguousCommitError } from '../../src/platform/transaction.js'
import { createTestDatabase, type TestDatabase } from '../helpers/database.js'

let db: TestDatabase

beforeAll(async () => {
  db = await createTestDatabase({ isPipelined: true })
  await db.owner.query(
    'CREATE TABLE thing (id integer PRIMARY KEY, parent integer REFERENCES thing DEFERRABLE INITIALLY DEFERRED)',
  )
  await db.owner.query('GRANT SELECT, INSERT ON thing TO dagbook_app')
})

afterAll(() => db.drop())

async function things(): Promise<number[]> {
  const rows = await db.database.query<{ id: number }>('SELECT id FROM thing ORDER BY id')
  return rows.map((row) => row.id)
}

async function backendPid(tx: { query(text: string): Promise<{ rows: { pid: number }[] }> }): Promise<number> {
  return (await tx.query('SELECT pg_backend_pid() AS pid')).rows[0]?.pid as number
}

describe('openDatabase', () => {
  it('works as the role, in UTC, on every connection, and RESET does not leave it', async () => {
    const read = () =>
      db.database.transaction(async (tx) => {
        await tx.query('RESET ALL')
        await tx.query('RESET ROLE')
        const text = `SELECT current_user::text AS role, current_setting('TimeZone') AS zone, pg_sleep(0.01)::text`
        return (await tx.query(text)).rows[0] as { role: string; zone: string }
      })
    for (const row of await Promise.all([read(), read(), read()])) {
      expect(row).toMatchObject({ role: 'dagbook_app', zone: 'UTC' })
    }
  })

  it('gives the ORM the same connections', async () => {
    const rows = await db.database.dataSource.query('SELECT current_user::text AS role, 7::int8 AS n')
    expect(rows).toEqual([{ role: 'dagbook_app', n: 7 }])
  })

  it('refuses a role that nobody made', async () => {
    const opened = openDatabase({ url: db.ownerUrl, role: 'nobody_made_it', applicationName: 'test' })
    await expect(opened).rejects.toThrow('role "nobody_made_it" does not exist')
  })

  it('refuses a connection whose options were dropped on the way', async () => {
    // What a pooler that ignores startup options does, seen from here: another role than the one asked for.
    const opened = openDatabase({ url: db.ownerUrl, role: 'none', applicationName: 'test' })
    await expect(opened).rejects.toThrow(RoleNotAppliedError)
  })

  it('ends a statement that takes too long', async () => {
    const slow = await openDatabase({ url: db.ownerUrl, role: null, applicationName: 'slow', statementTimeoutMs: 50 })
    await expect(slow.query('SELECT pg_sleep(10)')).rejects.toMatchObject({ code: '57014' })
    await slow.close()
  })

  it('closes twice without complaint', async () => {
    const other = await openDatabase({ url: db.ownerUrl, role: null, applicationName: 'test' })
    await other.close()
    await other.close()
  })

  it('opens a session of its own, which hears notifications', async () => {
    const session = await db.database.openSession()
    const heard = new Promise((resolve) => session.once('notification', (message) => resolve(message.payload)))
    await session.query('LISTEN test_channel')
    await db.database.query(`SELECT pg_notify('test_channel', '42')`)
    expect(await heard).toBe('42')
    expect((await session.query('SELECT current_user::text AS role')).rows).toEqual([{ role: 'dagbook_app' }])
    await session.end()
  })
})

describe('columns', () => {
  it('arrive as int8 -> number, date -> text, timestamptz -> Date', async () => {
    const text = `SELECT 9007199254740991::int8 AS n, DATE '2026-02-28' AS d, TIMESTAMPTZ '2026-01-02T03:04:05Z' AS t`
    expect(await db.database.query(text)).toEqual([
      { n: Number.MAX_SAFE_INTEGER, d: '2026-02-28', t: new Date('2026-01-02T03:04:05Z') },
    ])
  })

  it('refuses an int8 that would be rounded, and the connection stays good', async () => {
    await expect(db.database.query('SELECT 9007199254740993::int8 AS n')).rejects.toMatchObject({
      code: 'UNSAFE_INTEGER',
    })
    expect(await db.database.query('SELECT 1 AS n')).toEqual([{ n: 1 }])
  })

  it('keep the exact text of json where that is asked for', async () => {
    const text = `SELECT '{ "b":1.0,  "a":2 }'::json AS data, '1'::int8 AS n, '{"x":1}'::jsonb AS other`
    expect(await db.database.query({ text, types: RAW_JSON_TYPES })).toEqual([
      { data: '{ "b":1.0,  "a":2 }', n: 1, other: { x: 1 } },
    ])
    expect((await db.database.query<{ data: unknown }>(text))[0]?.data).toEqual({ b: 1, a: 2 })
  })
})

describe('a transaction', () => {
  it('commits what the work did, and answers its result', async () => {
    const answer = await db.database.transaction(async (tx) => {
      await tx.query('INSERT INTO thing VALUES ($1)', [1])
      return 'done'
    })
    expect(answer).toBe('done')
    expect(await things()).toContain(1)
  })

  it('rolls back and throws the error of the work as it is', async () => {
    const error = new Error('mine')
    const done = db.database.transaction(async (tx) => {
      await tx.query('INSERT INTO thing VALUES ($1)', [2])
      throw error
    })
    await expect(done).rejects.toBe(error)
    expect(await things()).not.toContain(2)
  })

  it('tells a refusal at COMMIT from a lost answer', async () => {
    const done = db.database.transaction((tx) => tx.query('INSERT INTO thing VALUES ($1, 77)', [3]))
    await expect(done).rejects.toMatchObject({ code: '23503' })
    expect(await things()).not.toContain(3)
  })

  it('refuses to pass off a swallowed error as a commit', async () => {
    const done = db.database.transaction(async (tx) => {
      await tx.query('INSERT INTO thing VALUES ($1)', [4])
      await tx.query('SELECT 1/0').catch(() => undefined)
    })
    await expect(done).rejects.toThrow(AbortedTransactionError)
    expect(await things()).not.toContain(4)
  })

  it('throws the plain error when the connection dies before COMMIT, and the pool goes on', async () => {
    const done = db.database.transaction(async (tx) => {
      await tx.query('INSERT INTO thing VALUES ($1)', [5])
      await db.owner.query('SELECT pg_terminate_backend($1)', [await backendPid(tx)])
      await tx.query('SELECT 1')
    })
    await expect(done).rejects.not.toThrow(AmbiguousCommitError)
    expect(await things()).not.toContain(5)
  })

  it('calls a commit ambiguous whose connection dies on the way', async () => {
    const done = db.database.transaction(async (tx) => {
      await tx.query('INSERT INTO thing VALUES ($1)', [6])
      await db.owner.query('SELECT pg_terminate_backend($1)', [await backendPid(tx)])
    })
    await expect(done).rejects.toThrow(AmbiguousCommitError)
  })

  it('survives the loss of idle connections', async () => {
    await db.database.query('SELECT 1')
    await db.owner.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test' AND state = 'idle' AND datname = current_database()`,
    )
    await expect(
      (async () => {
        for (let tries = 0; tries < 20; tries += 1) await db.database.query('SELECT 1').catch(() => undefined)
        return db.database.query('SELECT 1 AS n')
      })(),
    ).resolves.toEqual([{ n: 1 }])
  })

  it('takes an isolation level and read only', async () => {
    const text = `SELECT current_setting('transaction_isolation') AS level, current_setting('transaction_read_only') AS ro`
    const rows = await db.database.transaction(async (tx) => (await tx.query(text)).rows, {
      isolation: 'REPEATABLE READ',
      isReadOnly: true,
    })
    expect(rows).toEqual([{ level: 'repeatable read', ro: 'on' }])
  })
})

describe('a pipelined transaction', () => {
  const insert = (...values: unknown[]) => ({ text: 'INSERT INTO thing VALUES ($1, $2)', values })
  let sent = 0
  const send = (...statements: Statement[]) =>
    db.database.pipelined(
      async (tx) => {
        await tx.query('SELECT 1')
        return { statements, value: (last) => last?.rowCount ?? null }
      },
      () => {
        sent += 1
      },
    )

  beforeEach(() => {
    sent = 0
  })

  it('commits its last statements, answers what they come to, and says when they are on their way', async () => {
    expect(await send(insert(101, null), insert(102, null))).toBe(1)
    expect(await things()).toEqual(expect.arrayContaining([101, 102]))
    expect(sent).toBe(1)
  })

  it('stores nothing when the work throws, and throws its error as it is', async () => {
    const error = new Error('mine')
    const work = async () => {
      throw error
    }
    await expect(db.database.pipelined(work, () => undefined)).rejects.toBe(error)
  })

  it('stores nothing when the server refuses a statement, and throws the refusal and not what followed from it', async () => {
    await expect(send(insert(103, null), { text: 'SELECT 1/0', values: [] }, insert(104, null))).rejects.toMatchObject({
      code: '22012',
    })
    expect(await things()).not.toEqual(expect.arrayContaining([103]))
  })

  it('stores nothing when a statement cannot even be sent', async () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    await expect(send(insert(105, null), insert(circle, null), insert(106, null))).rejects.toThrow(/circular/)
    expect(await things()).not.toEqual(expect.arrayContaining([105]))
    expect(sent).toBe(0)
  })

  it('is refused at COMMIT, and that is no lost answer', async () => {
    await expect(send(insert(107, 77))).rejects.toMatchObject({ code: '23503' })
    expect(await things()).not.toContain(107)
  })

  it('without last statements is over, and the connection goes back clean', async () => {
    expect(await send()).toBeNull()
    expect(sent).toBe(0)
    expect(await send(insert(108, null))).toBe(1)
  })

  it('whose server process dies before COMMIT is not committed, and the error says so', async () => {
    let pid = 0
    const done = db.database.pipelined(
      async (tx) => {
        pid = await backendPid(tx)
        return { statements: [insert(109, null), { text: 'SELECT pg_sleep(60)', values: [] }], value: () => null }
      },
      () => void db.owner.query('SELECT pg_terminate_backend($1)', [pid]),
    )
    await expect(done).rejects.toMatchObject({ code: '57P01' })
    expect(await things()).not.toContain(109)
  })
})
