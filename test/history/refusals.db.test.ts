import type { Database } from '../../src/platform/database.js'
import { createTestDatabase, type TestDatabase } from '../helpers/database.js'
import { newStream, positions, Writer } from './writer.js'

let db: TestDatabase
let writer: Writer
const stream = newStream()

beforeAll(async () => {
  db = await createTestDatabase()
  writer = await Writer.open(db)
  await writer.write(stream, 3)
})

afterAll(async () => {
  expect(await positions(db)).toEqual([1, 2, 3])
  await writer.session.end()
  await db.drop()
})

const REFUSED = '23001'
const NO_RIGHT = '42501'

function codeOf(database: Database, statement: string): Promise<string> {
  return database.query(statement).then(
    () => 'done',
    (error: { code: string }) => error.code,
  )
}

const CHANGES = (table: string) => [
  `UPDATE ${table} SET data = '{}' WHERE position = 2`,
  `UPDATE ${table} SET position = 9 WHERE position = 2`,
  `DELETE FROM ${table} WHERE position = 2`,
  `TRUNCATE ${table}`,
  `INSERT INTO ${table} SELECT * FROM event WHERE position = 2 ON CONFLICT (position) DO UPDATE SET type = 'Other'`,
  `MERGE INTO ${table} AS e USING (SELECT 2 AS position) AS m ON m.position = e.position WHEN MATCHED THEN DELETE`,
]

describe.each(['event', 'event_00000000', 'ONLY event_00000000'])('a change of %s', (table) => {
  it.each(CHANGES(table).filter((sql) => !sql.includes('INTO ONLY')))('is refused to its owner: %s', async (sql) => {
    expect(await codeOf(db.owner, sql)).toBe(REFUSED)
  })

  it.each(CHANGES(table).filter((sql) => !sql.includes('INTO ONLY')))(
    'is refused to the application: %s',
    async (sql) => {
      expect(await codeOf(db.database, sql)).toBe(NO_RIGHT)
    },
  )
})

it('what is refused names the operation and the table', async () => {
  await expect(db.owner.query('DELETE FROM event')).rejects.toThrow(
    'The journal is append-only: DELETE on event_00000000 is refused',
  )
})

it('a partition made later is guarded as well', async () => {
  await db.owner.query('SELECT make_event_partitions(10)')
  for (const sql of ['TRUNCATE event_00000009', 'TRUNCATE event']) expect(await codeOf(db.owner, sql)).toBe(REFUSED)
  const { rows } = await db.owner.pool.query(
    `SELECT tgname FROM pg_trigger WHERE tgrelid = 'event_00000009'::regclass ORDER BY tgname`,
  )
  expect(rows.map(({ tgname }) => tgname)).toEqual(['event_is_append_only', 'event_is_never_truncated'])
})

const FOREIGN_WRITES = [
  `INSERT INTO event SELECT * FROM event WHERE position = 2`,
  `INSERT INTO event_00000001 SELECT * FROM event WHERE position = 2`,
  `INSERT INTO stream VALUES ('run_x', 1, decode(repeat('00', 32), 'hex'), 1, 1)`,
  `UPDATE stream SET version = 9`,
  `DELETE FROM stream`,
  `TRUNCATE stream`,
  `SELECT * FROM stream FOR UPDATE`,
  `INSERT INTO command_result VALUES ('k', '', '{}', 1, now())`,
  `UPDATE command_result SET position = 1`,
  `ALTER TABLE event DISABLE TRIGGER ALL`,
  `DROP TABLE event_00000000`,
  `ALTER TABLE event DETACH PARTITION event_00000000`,
  `CREATE TRIGGER mine BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION refuse_event_change()`,
  `CREATE OR REPLACE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
  `SET session_replication_role = replica`,
]

it.each(FOREIGN_WRITES)('the application may not: %s', async (sql) => {
  expect(await codeOf(db.database, sql)).toBe(NO_RIGHT)
})

it('the functions look their tables up where the schema put them, whatever the caller puts first', async () => {
  await writer.session.query('CREATE TEMPORARY TABLE event (position bigint)')
  await writer.session.query('INSERT INTO pg_temp.event VALUES (1000)')
  await writer.session.query('SET search_path = pg_temp, public')
  await writer.begin()
  expect(await writer.append(newStream())).toBe(4)
  await writer.rollback()
})

it('nobody else may call them', async () => {
  const rows = await db.owner.query<{ name: string }>(`
    SELECT p.proname AS name FROM pg_proc p, aclexplode(p.proacl) a
    WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND a.grantee = 0`)
  expect(rows).toEqual([])
})
