import type { Condition, List, Reader } from '../list.js'

/** Where ready instances wait. */
export interface QueueRow {
  readonly id: string
  readonly name: string
  readonly status: 'OPEN' | 'PAUSED' | 'DRAINING'
  readonly capacity: number
  readonly priority: number
  readonly poolId: string
  /** Whose work it takes; empty: every project's. */
  readonly projectIds: readonly string[]
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
  /** 0 and null for a local one, which nobody logs in to. */
  readonly port: number
  readonly loginUser: string | null
  readonly poolId: string
  readonly slots: number
  readonly labels: readonly string[]
  readonly allowedRunUsers: readonly string[]
  /** Empty: every project's. */
  readonly projectIds: readonly string[]
  readonly hostKeyFingerprint: string | null
  readonly offeredHostKeyFingerprint: string | null
  readonly isQuarantined: boolean
  readonly cpuCount: number | null
  readonly memoryBytes: number | null
  readonly kernel: string | null
  readonly isDraining: boolean
  /** A dispatcher on its host holds a lease at this moment, or one has reached it over SSH just now. */
  readonly isOnline: boolean
  readonly lastSeenAt: Date | null
  /** Of the last contact; null when that was made and it takes new attempts. */
  readonly lastError: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Whether new attempts may go there at this moment. */
export function takesWork({ isOnline, isDraining, isQuarantined, lastError }: MachineRow): boolean {
  return isOnline && !isDraining && !isQuarantined && lastError === null
}

/** Without contact for longer than that a machine over SSH is OFFLINE. */
const CONTACT_SECONDS = 15

const STAMPS = (table: string) => `${table}.created_at AS "createdAt", ${table}.updated_at AS "updatedAt"`

const QUEUE = `q.id, q.name, q.status, q.capacity, q.priority, q.pool_id AS "poolId",
    q.project_ids AS "projectIds", ${STAMPS('q')}`

const POOL = `p.id, p.name, p.status, p.total_cpu AS "totalCpu", p.total_memory_bytes AS "totalMemoryBytes", ${STAMPS('p')}`

const MACHINE = `m.id, m.name, m.host, coalesce(m.port, 0) AS port, m.login_user AS "loginUser", m.pool_id AS "poolId",
    m.slots, m.labels, m.allowed_run_users AS "allowedRunUsers", m.project_ids AS "projectIds",
    m.host_key_fingerprint AS "hostKeyFingerprint", m.offered_host_key_fingerprint AS "offeredHostKeyFingerprint",
    m.is_quarantined AS "isQuarantined", m.cpu_count AS "cpuCount", m.memory_bytes AS "memoryBytes", m.kernel,
    m.is_draining AS "isDraining", seen.is_online AS "isOnline", seen.last_seen_at AS "lastSeenAt",
    seen.error AS "lastError", ${STAMPS('m')}`

/**
 * A local machine is reached by the servers of its own host and by nobody else; one over SSH by whoever could just now,
 * with the key that is approved now.
 */
const FROM_MACHINE = `machine m CROSS JOIN LATERAL (
      SELECT coalesce(bool_or(n.lease_expires_at > now()), false) AS is_online, max(n.last_seen_at) AS last_seen_at,
        (SELECT c.error FROM machine_contact c
          WHERE c.machine_id = m.id AND c.reached_at > now() - interval '${CONTACT_SECONDS} seconds') AS error
      FROM node n WHERE m.kind = 'LOCAL' AND n.host_identity = m.host_identity AND 'dispatcher' = ANY(n.roles)
      HAVING m.kind = 'LOCAL'
      UNION ALL
      SELECT coalesce(bool_or(c.reached_at > now() - interval '${CONTACT_SECONDS} seconds'
          AND (c.failed_at IS NULL OR c.failed_at < c.reached_at) AND m.host_key IS NOT NULL), false), max(c.reached_at), max(c.error)
      FROM machine_contact c WHERE c.machine_id = m.id HAVING m.kind = 'SSH') AS seen`

const NOT_REMOVED = [{ sql: 'm.removed_at IS NULL', values: [] }]

const byName = (table: string): List['key'] => [{ sql: `${table}.name`, cast: 'text' }]

/** By name, of pools or (without a parent) all. */
export const QUEUE_LIST = listOf(QUEUE, 'queue q', 'q.pool_id', 'q')
export const POOL_LIST = listOf(POOL, 'pool p', 'p.id', 'p')
export const MACHINE_LIST = listOf(MACHINE, FROM_MACHINE, 'm.pool_id', 'm', NOT_REMOVED)

function listOf(
  select: string,
  from: string,
  parent: string,
  table: string,
  conditions: readonly Condition[] = [],
): List {
  return { select, from, parent, conditions, key: byName(table), direction: 'ASC' }
}

/** Which rows: those of the ids (null: all), or those of the names. */
export type Wanted = { readonly ids: readonly string[] | null } | { readonly names: readonly string[] }

export function getQueues(db: Reader, wanted: Wanted): Promise<QueueRow[]> {
  return get<QueueRow>(db, QUEUE, 'queue q', 'q', wanted)
}

export function getPools(db: Reader, wanted: Wanted): Promise<PoolRow[]> {
  return get<PoolRow>(db, POOL, 'pool p', 'p', wanted)
}

/** By id those that were removed, too: attempts still name them. */
export function getMachines(db: Reader, wanted: Wanted): Promise<MachineRow[]> {
  return get<MachineRow>(db, MACHINE, FROM_MACHINE, 'm', wanted)
}

/** The machines of these pools, and those of these names, without those that were removed. */
export async function findMachines(
  db: Reader,
  poolIds: readonly string[],
  names: readonly string[],
): Promise<MachineRow[]> {
  const which = 'm.removed_at IS NULL AND (m.pool_id = ANY($1::text[]) OR m.name = ANY($2::text[]))'
  const text = `SELECT ${MACHINE} FROM ${FROM_MACHINE} WHERE ${which}`
  return (await db.query<MachineRow>({ text, values: [poolIds, names] })).rows
}

async function get<Row extends object>(
  db: Reader,
  select: string,
  from: string,
  table: string,
  wanted: Wanted,
): Promise<Row[]> {
  const [column, values] = 'ids' in wanted ? ['id', wanted.ids] : ['name', wanted.names]
  const isLive = column === 'name' && table === 'm' ? ' AND m.removed_at IS NULL' : ''
  const text = `SELECT ${select} FROM ${from} WHERE ($1::text[] IS NULL OR ${table}.${column} = ANY($1::text[]))${isLive}`
  return (await db.query<Row>({ text, values: [values] })).rows
}
