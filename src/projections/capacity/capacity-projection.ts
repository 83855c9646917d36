import type { PoolSettings } from '../../domain/pool/pool.js'
import type { QueueSettings } from '../../domain/queue/queue.js'
import type { AppliedEvent, Projection } from '../projection.js'
import { machineStatements } from './machine-changes.js'

const INSERT_POOLS = `
  INSERT INTO pool (id, version, name, status, total_cpu, total_memory_bytes, created_at, updated_at)
  SELECT id, version, name, 'ACTIVE', "totalCpu", "totalMemoryBytes", at, at
  FROM json_to_recordset($1::json)
    AS p(id text, version integer, name text, "totalCpu" float8, "totalMemoryBytes" bigint, at timestamptz)`

const INSERT_QUEUES = `
  INSERT INTO queue (id, version, name, status, capacity, priority, pool_id, created_at, updated_at)
  SELECT id, version, name, 'OPEN', capacity, priority, "poolId", at, at
  FROM json_to_recordset($1::json)
    AS q(id text, version integer, name text, capacity integer, priority integer, "poolId" text, at timestamptz)`

/** What there is to run on: pools, queues and machines. */
export const capacityProjection: Projection = {
  name: 'capacity',
  tables: ['pool', 'queue', 'machine'],
  statements(events) {
    const inserts = [
      { text: INSERT_POOLS, rows: rowsOf<PoolSettings>(events, 'PoolCreated') },
      { text: INSERT_QUEUES, rows: rowsOf<QueueSettings>(events, 'QueueCreated') },
    ]
    const due = inserts.filter(({ rows }) => rows.length > 0)
    const made = due.map(({ text, rows }) => ({ text, values: [JSON.stringify(rows)] }))
    return [...made, ...machineStatements(events)]
  },
}

function rowsOf<Data>(events: readonly AppliedEvent[], type: string) {
  return events
    .filter((event) => event.type === type)
    .map((event) => ({ id: event.streamId, version: event.version, at: event.recordedAt, ...(event.data as Data) }))
}
