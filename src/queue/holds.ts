import type { ClientBase, Pool } from 'pg'
import { LEASE_SECONDS } from './node-lease.js'

/** An attempt that holds capacity, and who executes it. */
export interface Hold {
  readonly instanceId: string
  readonly runId: string
  readonly taskKey: string
  readonly fence: number
  readonly nodeId: string
  readonly machineId: string | null
  /** A cancel or a forced end has been asked for. */
  readonly isStopping: boolean
  /** Contact with it is lost, by the journal. */
  readonly isUnknown: boolean
}

/** Names one attempt in memory: the instance and its fence. */
export function attemptKey({ instanceId, fence }: { readonly instanceId: string; readonly fence: number }): string {
  return `${instanceId}.${fence}`
}

const COLUMNS = `h.instance_id, h.run_id, h.task_key, h.fence, h.node_id, h.machine_id, i.is_stopping,
  i.status = 'UNKNOWN' AS is_unknown`

const OF_NODE = `
  SELECT ${COLUMNS} FROM queue_hold h JOIN instance i ON i.id = h.instance_id WHERE h.node_id = $1::text`

const STOPPING = `${OF_NODE} AND i.is_stopping`

const OF_DEAD_NODES = `
  SELECT ${COLUMNS} FROM queue_hold h JOIN instance i ON i.id = h.instance_id
  LEFT JOIN node n ON n.id = h.node_id
  WHERE h.node_id <> $1::text AND (n.id IS NULL OR n.lease_expires_at < now())`

/** In-process attempts belong to their node; those on a machine to whoever reaches it. */
const ORPHANS = `${OF_DEAD_NODES}
    AND (h.machine_id IS NULL OR h.machine_id = ANY($2::text[]))
  LIMIT $3::integer`

/** Two leases: a server may be started anew meanwhile, and one that has just come up needs some time to reach its machines. */
const PATIENCE = `interval '${2 * LEASE_SECONDS} seconds'`

/** A local machine is reached by the dispatchers of its host, one over SSH by whoever had an answer. */
const STRANDED = `${OF_DEAD_NODES}
    AND h.machine_id IS NOT NULL AND h.machine_id <> ALL($2::text[]) AND i.status <> 'UNKNOWN'
    AND EXISTS (SELECT FROM node me WHERE me.id = $1::text AND me.started_at < now() - ${PATIENCE})
    AND NOT EXISTS (SELECT FROM machine_contact c WHERE c.machine_id = h.machine_id AND c.reached_at > now() - ${PATIENCE})
    AND NOT EXISTS (SELECT FROM machine m JOIN node o ON o.host_identity = m.host_identity
      WHERE m.id = h.machine_id AND 'dispatcher' = ANY(o.roles) AND o.last_seen_at > now() - ${PATIENCE})
  LIMIT $3::integer`

const IS_HELD = 'SELECT FROM queue_hold WHERE instance_id = $1::text AND fence = $2::integer'

interface Row {
  readonly instance_id: string
  readonly run_id: string
  readonly task_key: string
  readonly fence: number
  readonly node_id: string
  readonly machine_id: string | null
  readonly is_stopping: boolean
  readonly is_unknown: boolean
}

/** What a node is to execute. */
export async function holdsOf(db: ClientBase | Pool, nodeId: string): Promise<Hold[]> {
  const { rows } = await db.query<Row>({ name: 'holds-of', text: OF_NODE, values: [nodeId] })
  return rows.map(holdOf)
}

/** Of these, what is to be stopped. */
export async function stoppingHoldsOf(db: ClientBase | Pool, nodeId: string): Promise<Hold[]> {
  const { rows } = await db.query<Row>({ name: 'stopping-holds-of', text: STOPPING, values: [nodeId] })
  return rows.map(holdOf)
}

/** At most `limit` attempts of other nodes whose lease has expired, and that the machines named can find again. */
export async function orphans(
  db: ClientBase | Pool,
  nodeId: string,
  machineIds: readonly string[],
  limit: number,
): Promise<Hold[]> {
  const { rows } = await db.query<Row>({ name: 'orphans', text: ORPHANS, values: [nodeId, machineIds, limit] })
  return rows.map(holdOf)
}

/**
 * At most `limit` attempts that nobody can say anything of: their node's lease has expired, and their machine is none
 * of those named, and no living node has reached it for 30 s. None to a node that is younger than that.
 */
export async function stranded(
  db: ClientBase | Pool,
  nodeId: string,
  machineIds: readonly string[],
  limit: number,
): Promise<Hold[]> {
  const { rows } = await db.query<Row>({ name: 'stranded', text: STRANDED, values: [nodeId, machineIds, limit] })
  return rows.map(holdOf)
}

/** Whether anyone executes the attempt; false: it is over. */
export async function isHeld(db: ClientBase | Pool, instanceId: string, fence: number): Promise<boolean> {
  const { rowCount } = await db.query({ name: 'is-held', text: IS_HELD, values: [instanceId, fence] })
  return rowCount !== 0
}

const RUN_OF_HOLD = `
  SELECT run_id AS "runId" FROM queue_hold WHERE instance_id = $1::text AND fence = $2::bigint`

/** The run of an attempt that somebody executes; null when it is over. */
export async function runOfHold(db: ClientBase | Pool, instanceId: string, fence: number): Promise<string | null> {
  const values = [instanceId, fence]
  return (await db.query<{ runId: string }>({ name: 'run-of-hold', text: RUN_OF_HOLD, values })).rows[0]?.runId ?? null
}

function holdOf(row: Row): Hold {
  return {
    instanceId: row.instance_id,
    runId: row.run_id,
    taskKey: row.task_key,
    fence: row.fence,
    nodeId: row.node_id,
    machineId: row.machine_id,
    isStopping: row.is_stopping,
    isUnknown: row.is_unknown,
  }
}
