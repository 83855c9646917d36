import type { List, Reader } from '../list.js'

/** Where ready instances wait. */
export interface QueueRow {
  readonly id: string
  readonly name: string
  readonly status: 'OPEN' | 'PAUSED' | 'DRAINING'
  readonly capacity: number
  readonly priority: number
  readonly poolId: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface PoolRow {
  readonly id: string
  readonly name: string
  readonly status: 'ACTIVE' | 'PAUSED'
  readonly totalCpu: number
  readonly totalMemoryBytes: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface MachineRow {
  readonly id: string
  readonly name: string
  readonly host: string
  readonly poolId: string
  readonly slots: number
  readonly cpuCount: number | null
  readonly memoryBytes: number | null
  readonly isDraining: boolean
  /** A dispatcher on its host holds a lease at this moment. */
  readonly isOnline: boolean
  readonly lastSeenAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

const STAMPS = (table: string) => `${table}.created_at AS "createdAt", ${table}.updated_at AS "updatedAt"`

const QUEUE = `q.id, q.name, q.status, q.capacity, q.priority, q.pool_id AS "poolId", ${STAMPS('q')}`

const POOL = `p.id, p.name, p.status, p.total_cpu AS "totalCpu", p.total_memory_bytes AS "totalMemoryBytes", ${STAMPS('p')}`

const MACHINE = `m.id, m.name, m.host, m.pool_id AS "poolId", m.slots, m.cpu_count AS "cpuCount",
    m.memory_bytes AS "memoryBytes", m.is_draining AS "isDraining", seen.is_online AS "isOnline",
    seen.last_seen_at AS "lastSeenAt", ${STAMPS('m')}`

/** A local machine is reached by the servers of its own host and by nobody else. */
const FROM_MACHINE = `machine m CROSS JOIN LATERAL (
      SELECT coalesce(bool_or(n.lease_expires_at > now()), false) AS is_online, max(n.last_seen_at) AS last_seen_at
      FROM node n WHERE n.host_identity = m.host_identity AND 'dispatcher' = ANY(n.roles)) AS seen`

const byName = (table: string): List['key'] => [{ sql: `${table}.name`, cast: 'text' }]

/** By name, of pools or (without a parent) all. */
export const QUEUE_LIST = listOf(QUEUE, 'queue q', 'q.pool_id', 'q')
export const POOL_LIST = listOf(POOL, 'pool p', 'p.id', 'p')
export const MACHINE_LIST = listOf(MACHINE, FROM_MACHINE, 'm.pool_id', 'm')

function listOf(select: string, from: string, parent: string, table: string): List {
  return { select, from, parent, conditions: [], key: byName(table), direction: 'ASC' }
}

/** Which rows: those of the ids, or those of the names. */
export type Wanted = { readonly ids: readonly string[] } | { readonly names: readonly string[] }

export function getQueues(db: Reader, wanted: Wanted): Promise<QueueRow[]> {
  return get<QueueRow>(db, QUEUE, 'queue q', 'q', wanted)
}

export function getPools(db: Reader, wanted: Wanted): Promise<PoolRow[]> {
  return get<PoolRow>(db, POOL, 'pool p', 'p', wanted)
}

export function getMachines(db: Reader, wanted: Wanted): Promise<MachineRow[]> {
  return get<MachineRow>(db, MACHINE, FROM_MACHINE, 'm', wanted)
}

async function get<Row extends object>(
  db: Reader,
  select: string,
  from: string,
  table: string,
  wanted: Wanted,
): Promise<Row[]> {
  const [column, values] = 'ids' in wanted ? ['id', wanted.ids] : ['name', wanted.names]
  const text = `SELECT ${select} FROM ${from} WHERE ${table}.${column} = ANY($1::text[])`
  return (await db.query<Row>({ text, values: [values] })).rows
}
