import { createHash } from 'node:crypto'
import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * One step of the schema, run once in a transaction of its own, with its row in `schema_migration_record`. A released
 * step never changes: its SQL's checksum is compared at every start. Every step grants what it makes.
 *
 *   export class Journal extends SqlMigration {
 *     override readonly scriptName = '0001-journal'
 *     override readonly description = 'events and streams'
 *     override readonly sql = `CREATE TABLE ...; GRANT SELECT ON ... TO dagbook_app`
 *   }
 */
export abstract class SqlMigration implements MigrationInterface {
  /** `NNNN-name`, the file's name; the number is its version, the list is in its order. */
  abstract readonly scriptName: string
  abstract readonly description: string
  /** Any number of statements, without BEGIN and COMMIT. */
  abstract readonly sql: string

  get version(): number {
    return Number.parseInt(this.scriptName, 10)
  }

  /** TypeORM orders by the 13 digits at the end. */
  get name(): string {
    return `${this.scriptName}-${String(this.version).padStart(13, '0')}`
  }

  /** SHA-256 of the SQL, in hex. */
  get checksum(): string {
    return createHash('sha256').update(this.sql).digest('hex')
  }

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(this.sql)
    await runner.query(
      `INSERT INTO schema_migration_record (version, description, script_name, checksum)
       VALUES ($1::integer, $2::text, $3::text, $4::text)`,
      [this.version, this.description, this.scriptName, this.checksum],
    )
  }

  /** The schema only goes forward; the way back is a backup. */
  down(): Promise<void> {
    throw new Error(`Migration ${this.scriptName} cannot be undone: restore a backup instead`)
  }
}

/** A class of the list in migrations/index.ts. */
export type SqlMigrationClass = new () => SqlMigration
