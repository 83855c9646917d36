import type { PoolCreated, PoolSettings } from '../domain/pool/pool.js'
import type { Rejection } from '../domain/rejection.js'
import { newId } from '../platform/ids.js'
import type { Statement } from '../platform/statement.js'
import type { Reader } from '../projections/list.js'
import type { Addressed } from './command.js'
import { rejection } from './prepared.js'

interface PoolChange {
  readonly streamId: string
  readonly command: Addressed
  readonly beside?: Statement
}

/**
 * Goes with everything that takes a pool away or puts something into one. Fails with the check `pool_in_use` when a queue or
 * a machine would be left without its pool.
 */
export const KEEP_POOLS: Statement = { name: 'keep-pools', text: 'SELECT keep_pools()', values: [] }

/** Makes a pool. A name in use fails on the constraint `pool_name`. */
export function createPool(pool: PoolCreated): PoolChange {
  return { streamId: newId('pool'), command: { aggregate: 'pool', command: { type: 'CreatePool', ...pool } } }
}

/** Settings that are left out stay. */
export function updatePool(streamId: string, settings: Partial<PoolSettings>): PoolChange {
  return { streamId, command: { aggregate: 'pool', command: { type: 'UpdatePool', settings } } }
}

/** Takes the pool away; refused while `membersProblems` says that it has any. */
export function deletePool(streamId: string): PoolChange {
  return { streamId, command: { aggregate: 'pool', command: { type: 'DeletePool' } }, beside: KEEP_POOLS }
}

const MEMBERS = `
  SELECT (SELECT count(*) FROM queue WHERE pool_id = $1::text) AS queues,
    (SELECT count(*) FROM machine WHERE pool_id = $1::text AND removed_at IS NULL) AS machines`

/** Why the pool cannot be deleted: what belongs to it; none: it can. */
export async function membersProblems(db: Reader, id: string, name: string): Promise<Rejection[]> {
  const { rows } = await db.query<{ queues: number; machines: number }>(MEMBERS, [id])
  const { queues, machines } = rows[0] as { queues: number; machines: number }
  if (queues + machines === 0) return []
  const rule = `must have no queues and no machines to be deleted, given ${queues} and ${machines}`
  return [rejection('CONFLICT', `Pool ${name} ${rule}: move them to another pool`, 'poolId')]
}
