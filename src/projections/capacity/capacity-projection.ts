import type { PoolEvent } from '../../domain/pool/pool.js'
import type { QueueEvent, QueueSettings } from '../../domain/queue/queue.js'
import type { AppliedEvent, Projection } from '../projection.js'
import { machineStatements } from './machine-changes.js'
import { type Columns, type RowTable, rowStatements } from './row-changes.js'

const POOL: RowTable = {
  name: 'pool',
  madeBy: 'PoolCreated',
  endedBy: 'PoolDeleted',
  changing: ['status', 'total_cpu', 'total_memory_bytes'],
}

const QUEUE: RowTable = {
  name: 'queue',
  madeBy: 'QueueCreated',
  endedBy: 'QueueDeleted',
  changing: ['status', 'capacity', 'priority', 'pool_id', 'project_ids'],
}

/** What there is to run on: pools, queues and machines. */
export const capacityProjection: Projection = {
  name: 'capacity',
  tables: ['pool', 'queue', 'machine'],
  statements: (events) => [
    ...rowStatements(POOL, events, poolColumns),
    ...rowStatements(QUEUE, events, queueColumns),
    ...machineStatements(events),
  ],
}

function poolColumns({ type, data, recordedAt }: AppliedEvent): Columns | null {
  const event = { type, data } as PoolEvent
  switch (event.type) {
    case 'PoolCreated': {
      const { name, totalCpu: total_cpu, totalMemoryBytes: total_memory_bytes } = event.data
      return { name, status: 'ACTIVE', total_cpu, total_memory_bytes, created_at: recordedAt }
    }
    case 'PoolSettingsChanged': {
      const { status, totalCpu: total_cpu, totalMemoryBytes: total_memory_bytes } = event.data
      return { status, total_cpu, total_memory_bytes }
    }
    case 'PoolDeleted':
      return {}
    default:
      return null
  }
}

function queueColumns({ type, data, recordedAt }: AppliedEvent): Columns | null {
  const event = { type, data } as QueueEvent
  switch (event.type) {
    case 'QueueCreated': {
      const { name, ...settings } = event.data
      return { name, ...settingsColumns({ status: 'OPEN', ...settings, projectIds: [] }), created_at: recordedAt }
    }
    case 'QueueSettingsChanged':
      return settingsColumns(event.data)
    case 'QueueDeleted':
      return {}
    default:
      return null
  }
}

function settingsColumns({ status, capacity, priority, poolId, projectIds }: QueueSettings): Columns {
  return { status, capacity, priority, pool_id: poolId, project_ids: projectIds }
}
