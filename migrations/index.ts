import type { SqlMigrationClass } from '../src/platform/sql-migration.js'

/** Every step of the schema, in order. Steps are added at the end and never changed once released. */
export const migrations: readonly SqlMigrationClass[] = []
