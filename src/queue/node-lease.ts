import type { Pool } from 'pg'

/** One server process. Its heartbeat is the lease of everything that it dispatches. */
export interface NodeInfo {
  readonly id: string
  /** Same for all processes that share a host and its spool. */
  readonly hostIdentity: string
  readonly hostname: string
  readonly pid: number
  /** The process's start by the host's count; tells it from a later one with the same pid. */
  readonly pidStartedAt: string
  readonly roles: readonly string[]
  readonly version: string
}

/** Long enough for a stalled process or database, short enough that a dead server's work is soon taken over. */
export const LEASE_SECONDS = 15

const REGISTER = `
  INSERT INTO node (id, host_identity, hostname, pid, pid_started_at, roles, version, started_at, last_seen_at,
    lease_expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, now(), now(), now() + make_interval(secs => $8))`

const RENEW = `
  UPDATE node SET last_seen_at = now(), lease_expires_at = now() + make_interval(secs => $2) WHERE id = $1`

/** Well in the past: the database's clock may be set back a little between this and the next look at it. */
const END = `
  UPDATE node SET lease_expires_at = now() - make_interval(secs => $2)
  WHERE id = ANY($1::text[]) AND lease_expires_at > now()`

const ON_HOST = `
  SELECT id, pid, pid_started_at FROM node
  WHERE host_identity = $1 AND lease_expires_at > now()`

const FORGET = `
  DELETE FROM node n WHERE n.lease_expires_at < now() - interval '1 day'
    AND NOT EXISTS (SELECT FROM queue_hold h WHERE h.node_id = n.id)`

/** The node is there from now on, with a lease of LEASE_SECONDS. */
export async function registerNode(pool: Pool, node: NodeInfo): Promise<void> {
  const { id, hostIdentity, hostname, pid, pidStartedAt, roles, version } = node
  await pool.query(REGISTER, [id, hostIdentity, hostname, pid, pidStartedAt, roles, version, LEASE_SECONDS])
}

/**
 * By the database's clock: no host's clock decides who holds what. False: the node is not known any more (it slept for
 * a day), and holds no lease.
 */
export async function renewLease(pool: Pool, nodeId: string): Promise<boolean> {
  const { rowCount } = await pool.query(RENEW, [nodeId, LEASE_SECONDS])
  await pool.query(FORGET)
  return rowCount !== 0
}

/** Others may take over at once what these nodes had. */
export async function endLeases(pool: Pool, nodeIds: readonly string[]): Promise<void> {
  if (nodeIds.length > 0) await pool.query(END, [nodeIds, LEASE_SECONDS])
}

/** The nodes of a host that hold a lease, for one who can see whether their process still lives. */
export async function nodesOnHost(
  pool: Pool,
  hostIdentity: string,
): Promise<{ id: string; pid: number; pidStartedAt: string }[]> {
  const { rows } = await pool.query(ON_HOST, [hostIdentity])
  return rows.map((row) => ({ id: row.id, pid: row.pid, pidStartedAt: row.pid_started_at }))
}
