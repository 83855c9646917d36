import { openDatabase } from '../../src/platform/database.js'
import { migrate } from '../../src/platform/migrate.js'
import { checkServerVersion } from '../../src/platform/schema-history.js'
import { SqlMigration, type SqlMigrationClass } from '../../src/platform/sql-migration.js'
import { createEmptyDatabase, type TestDatabase } from '../helpers/database.js'

let db: TestDatabase

beforeEach(async () => {
  db = await createEmptyDatabase()
})

afterEach(() => db.drop())

function step(scriptName: string, sql: string): SqlMigrationClass {
  return class extends SqlMigration {
    override readonly scriptName = scriptName
    override readonly description = `makes ${scriptName}`
    override readonly sql = sql
  }
}

const one = step('0001-one', 'CREATE TABLE one (id integer); GRANT SELECT ON one TO dagbook_app')
const two = step('0002-two', 'CREATE TABLE two (id integer)')
const broken = step('0002-broken', 'CREATE TABLE half (id integer); SELECT 1/0')

function run(...migrations: SqlMigrationClass[]): Promise<string[]> {
  return migrate({ ownerUrl: db.ownerUrl, applicationUrl: db.url, migrations })
}

function tables(): Promise<{ name: string }[]> {
  return db.owner.query(`SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)
}

describe('migrate', () => {
  it('runs each step once, in order, and records it', async () => {
    expect(await run(one)).toEqual(['0001-one'])
    expect(await run(one, two)).toEqual(['0002-two'])
    expect(await run(one, two)).toEqual([])
    const text = 'SELECT version, description, script_name, length(checksum) AS length FROM schema_migration_record'
    expect(await db.owner.query(text)).toEqual([
      { version: 1, description: 'makes 0001-one', script_name: '0001-one', length: 64 },
      { version: 2, description: 'makes 0002-two', script_name: '0002-two', length: 64 },
    ])
  })

  it('lets one of five processes do the work', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => run(one, two)))
    expect(answers.flat().sort()).toEqual(['0001-one', '0002-two'])
  })

  it('keeps the steps before the one that fails, and nothing of that', async () => {
    await expect(run(one, broken)).rejects.toThrow('division by zero')
    expect(await tables()).toEqual([{ name: 'one' }, { name: 'schema_migration' }, { name: 'schema_migration_record' }])
    expect(await run(one, two)).toEqual(['0002-two'])
  })

  it('refuses a step that reads otherwise than when it was applied', async () => {
    await run(one)
    await expect(run(step('0001-one', 'CREATE TABLE one (id bigint)'))).rejects.toThrow(
      'Migration 0001-one must not change after it was applied, given another checksum: add a new migration',
    )
  })

  it('refuses a schema of a newer release', async () => {
    await run(one, two)
    await expect(run(one)).rejects.toMatchObject({ code: 'SCHEMA_NEWER', scriptName: '0002-two' })
  })

  it('lets the application read what a step granted, and nothing else', async () => {
    await run(one, two)
    const app = await openDatabase({ url: db.url, role: 'dagbook_app', applicationName: 'test' })
    expect(await app.query('SELECT * FROM one')).toEqual([])
    await expect(app.query('SELECT * FROM two')).rejects.toMatchObject({ code: '42501' })
    await expect(app.query('CREATE TABLE mine (id integer)')).rejects.toMatchObject({ code: '42501' })
    expect(await app.query('SELECT count(*) AS n FROM schema_migration_record')).toEqual([{ n: 2 }])
    await app.close()
  })

  it('works as the owner of the database who is no superuser, and may make roles', async () => {
    const { url, end } = await makeUser('CREATEROLE')
    try {
      expect(await migrate({ ownerUrl: url, migrations: [one] })).toEqual(['0001-one'])
      const app = await openDatabase({ url, role: 'dagbook_app', applicationName: 'test' })
      expect(await app.query('SELECT current_user::text AS role')).toEqual([{ role: 'dagbook_app' }])
      await app.close()
    } finally {
      await end()
    }
  })

  it('prints the SQL to run where the user may not set up roles', async () => {
    const { url, user, end } = await makeUser('NOCREATEROLE')
    try {
      const error: unknown = await migrate({ ownerUrl: url, migrations: [one] }).catch((thrown) => thrown)
      expect(error).toMatchObject({ code: 'ROLE_SETUP' })
      const { message, sql } = error as { message: string; sql: string[] }
      expect(message).toContain(`GRANT dagbook_app TO "${user}"`)
      for (const statement of sql) {
        await db.owner.query(statement).catch((refused: { code: string }) => expect(refused.code).toBe('42710'))
      }
      expect(await migrate({ ownerUrl: url, migrations: [one] })).toEqual(['0001-one'])
    } finally {
      await end()
    }
  })

  /** A user who owns the test's database, its URL, and how to be rid of it. */
  async function makeUser(attribute: string): Promise<{ url: string; user: string; end(): Promise<void> }> {
    const user = `test_${process.pid}_${Math.random().toString(36).slice(2)}`
    const [{ name }] = (await db.owner.query('SELECT current_database()::text AS name')) as [{ name: string }]
    await db.owner.query(`CREATE ROLE ${user} LOGIN ${attribute} PASSWORD 'pw'`)
    // On PostgreSQL 16 CREATEROLE reaches only roles that one administers; dagbook_app is there from other tests.
    if (attribute === 'CREATEROLE') await db.owner.query(`GRANT dagbook_app TO ${user} WITH ADMIN OPTION`)
    await db.owner.query(`ALTER DATABASE "${name}" OWNER TO ${user}`)
    const url = db.ownerUrl.replace(/\/\/[^@]*@/, `//${user}:pw@`)
    const end = async () => {
      await db.owner.query(`ALTER DATABASE "${name}" OWNER TO CURRENT_USER; REASSIGN OWNED BY ${user} TO CURRENT_USER`)
      await db.owner.query(`DROP OWNED BY ${user}; DROP ROLE ${user}`)
    }
    return { url, user, end }
  }
})

describe('checkServerVersion', () => {
  it('accepts 15 and newer, names what is older', () => {
    for (const number of [150_000, 150_018, 180_004]) expect(() => checkServerVersion(number)).not.toThrow()
    expect(() => checkServerVersion(140_009)).toThrow('PostgreSQL must be 15 or newer, given 14.9')
  })
})
