import type { Client } from 'pg'
import { APPLICATION_ROLE } from './database.js'
import type { SqlMigration } from './sql-migration.js'

/** What was done to the schema, by whom it reads: one row a migration, beside TypeORM's own table. */
export const RECORD_TABLE = `
  CREATE TABLE IF NOT EXISTS schema_migration_record (
    version     integer     PRIMARY KEY,
    description text        NOT NULL,
    script_name text        NOT NULL,
    checksum    text        NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT now()
  );
  GRANT SELECT ON schema_migration_record TO ${APPLICATION_ROLE}`

const OLDEST_MAJOR = 15

export class ServerTooOldError extends Error {
  override readonly name = 'ServerTooOldError'
  readonly code = 'SERVER_TOO_OLD'
  constructor(readonly given: string) {
    super(`PostgreSQL must be ${OLDEST_MAJOR} or newer, given ${given}`)
  }
}

/** The schema was migrated by a newer release, which this one cannot know. */
export class SchemaNewerError extends Error {
  override readonly name = 'SchemaNewerError'
  readonly code = 'SCHEMA_NEWER'
  constructor(readonly scriptName: string) {
    super(`Database schema must not be newer than this program, given migration ${scriptName}: start a newer release`)
  }
}

/** A migration that has been applied reads differently now, so the schema is not what this program takes it for. */
export class MigrationChangedError extends Error {
  override readonly name = 'MigrationChangedError'
  readonly code = 'MIGRATION_CHANGED'
  constructor(readonly scriptName: string) {
    super(`Migration ${scriptName} must not change after it was applied, given another checksum: add a new migration`)
  }
}

/** `server_version_num`: 150018 is 15.18. Throws ServerTooOldError. */
export function checkServerVersion(number: number): void {
  const major = Math.floor(number / 10_000)
  if (!(major >= OLDEST_MAJOR)) throw new ServerTooOldError(`${major}.${number % 10_000}`)
}

/** What of the known migrations is still to do. Throws SchemaNewerError or MigrationChangedError. */
export async function checkHistory(session: Client, known: readonly SqlMigration[]): Promise<SqlMigration[]> {
  const { rows } = await session.query<{ version: number; script_name: string; checksum: string }>(
    'SELECT version, script_name, checksum FROM schema_migration_record ORDER BY version',
  )
  const byVersion = new Map(known.map((migration) => [migration.version, migration]))
  for (const row of rows) {
    const migration = byVersion.get(row.version)
    if (migration === undefined) throw new SchemaNewerError(row.script_name)
    if (migration.checksum !== row.checksum) throw new MigrationChangedError(row.script_name)
    byVersion.delete(row.version)
  }
  return [...byVersion.values()]
}
