import type { MachineSettings } from '../../domain/machine/machine.js'
import type { PoolSettings } from '../../domain/pool/pool.js'
import type { QueueSettings } from '../../domain/queue/queue.js'
import type { AppliedEvent, Projection } from '../projection.js'

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

const INSERT_MACHINES = `
  INSERT INTO machine (id, version, name, kind, host, host_identity, pool_id, slots, cpu_count, memory_bytes,
    is_draining, created_at, updated_at)
  SELECT id, version, name, kind, host, "hostIdentity", "poolId", slots, "cpuCount", "memoryBytes", false, at, at
  FROM json_to_recordset($1::json)
    AS m(id text, version integer, name text, kind text, host text, "hostIdentity" text, "poolId" text, slots integer,
      "cpuCount" integer, "memoryBytes" bigint, at timestamptz)`

/** What there is to run on: pools, queues and machines. */
export const capacityProjection: Projection = {
  name: 'capacity',
  tables: ['pool', 'queue', 'machine'],
  statements(events) {
    const inserts = [
      { text: INSERT_POOLS, rows: rowsOf<PoolSettings>(events, 'PoolCreated') },
      { text: INSERT_QUEUES, rows: rowsOf<QueueSettings>(events, 'QueueCreated') },
      { text: INSERT_MACHINES, rows: rowsOf<MachineSettings>(events, 'MachineRegistered') },
    ]
    const due = inserts.filter(({ rows }) => rows.length > 0)
    return due.map(({ text, rows }) => ({ text, values: [JSON.stringify(rows)] }))
  },
}

function rowsOf<Data>(events: readonly AppliedEvent[], type: string) {
  return events
    .filter((event) => event.type === type)
    .map((event) => ({ id: event.streamId, version: event.version, at: event.recordedAt, ...(event.data as Data) }))
}
