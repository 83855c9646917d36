import {
  getMachines,
  getPools,
  getQueues,
  type MachineRow,
  type PoolRow,
  type QueueRow,
} from '../../projections/capacity/capacity-rows.js'
import type { Context } from '../context.js'
import { byId, loadBy } from '../load-by.js'

/** Who is signed in may see every one of them. */
export function loadPool(id: string, context: Context): Promise<PoolRow | null> {
  return loadBy(context, 'pool.id', id, async (ids) => byId(await getPools(context.services.database.pool, { ids })))
}

export function loadQueueByName(name: string, context: Context): Promise<QueueRow | null> {
  return loadBy(context, 'queue.name', name, async (names) =>
    byName(await getQueues(context.services.database.pool, { names })),
  )
}

export function loadQueue(id: string, context: Context): Promise<QueueRow | null> {
  return loadBy(context, 'queue.id', id, async (ids) => byId(await getQueues(context.services.database.pool, { ids })))
}

export function loadMachine(id: string, context: Context): Promise<MachineRow | null> {
  return loadBy(context, 'machine.id', id, async (ids) =>
    byId(await getMachines(context.services.database.pool, { ids })),
  )
}

export function loadMachineByName(name: string, context: Context): Promise<MachineRow | null> {
  return loadBy(context, 'machine.name', name, async (names) =>
    byName(await getMachines(context.services.database.pool, { names })),
  )
}

function byName<Row extends { readonly name: string }>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.name, row]))
}
