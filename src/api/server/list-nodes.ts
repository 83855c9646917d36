import type { Database } from '../../platform/database.js'
import type { SchemaVersion, ServerNode } from './server.type.js'

const NODES = `
  SELECT id, roles, version, started_at AS "startedAt", last_seen_at AS "lastSeenAt"
  FROM node WHERE lease_expires_at > $1::timestamptz
  ORDER BY started_at, id LIMIT 1000`

/** The processes whose lease has not run out. */
export function listNodes(database: Database, now: Date): Promise<ServerNode[]> {
  return database.query<ServerNode>(NODES, [now])
}

const SCHEMA_VERSIONS = `
  SELECT version::text AS version, description, script_name AS "scriptName", checksum, applied_at AS "appliedAt"
  FROM schema_migration_record ORDER BY schema_migration_record.version LIMIT 1000`

/** The steps of the schema that were applied, in order. */
export function listSchemaVersions(database: Database): Promise<SchemaVersion[]> {
  return database.query<SchemaVersion>(SCHEMA_VERSIONS)
}
