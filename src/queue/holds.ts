import type { ClientBase, Pool } from 'pg'

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
}

const COLUMNS = `h.instance_id, h.run_id, h.task_key, h.fence, h.node_id, h.machine_id, i.is_stopping`

const OF_NODE = `
  SELECT ${COLUMNS} FROM queue_hold h JOIN instance i ON i.id = h.instance_id WHERE h.node_id = $1::text`

/** In-process attempts belong to their node; those on a machine to whoever reaches it. */
const ORPHANS = `
  SELECT ${COLUMNS} FROM queue_hold h JOIN instance i ON i.id = h.instance_id
  LEFT JOIN node n ON n.id = h.node_id
  WHERE (n.id IS NULL OR n.lease_expires_at < now()) AND (h.machine_id IS NULL OR h.machine_id = ANY($1::text[]))
  LIMIT $2::integer`

interface Row {
  readonly instance_id: string
  readonly run_id: string
  readonly task_key: string
  readonly fence: number
  readonly node_id: string
  readonly machine_id: string | null
  readonly is_stopping: boolean
}

/** What a node is to execute. */
export async function holdsOf(db: ClientBase | Pool, nodeId: string): Promise<Hold[]> {
  const { rows } = await db.query<Row>({ name: 'holds-of', text: OF_NODE, values: [nodeId] })
  return rows.map(holdOf)
}

/** Attempts whose node's lease has expired and that the machines named can find again, at most `limit`. */
export async function orphans(db: ClientBase | Pool, machineIds: readonly string[], limit: number): Promise<Hold[]> {
  const { rows } = await db.query<Row>({ name: 'orphans', text: ORPHANS, values: [machineIds, limit] })
  return rows.map(holdOf)
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
  }
}
