import { getMachines, getPools, getQueues } from '../capacity/capacity-rows.js'
import { getPoolUse, getQueueDepths, getQueueLoads } from '../capacity/get-use.js'
import type { Reader } from '../list.js'

/** A queue, a pool or a machine, with the facts that SLAs compare. */
export interface CapacitySubject {
  readonly id: string
  /** Of a machine. */
  readonly poolId: string | null
  readonly facts: { readonly [fact: string]: number }
}

const OLDEST = `
  SELECT queue AS name, extract(epoch FROM $1::timestamptz - min(queued_at))::float8 AS seconds
  FROM queue_entry GROUP BY queue`

/** Every queue. */
export async function queueSubjects(db: Reader, now: Date): Promise<CapacitySubject[]> {
  const queues = await getQueues(db, { ids: null })
  const names = queues.map(({ name }) => name)
  const [depths, loads, oldest] = await Promise.all([
    getQueueDepths(db, names),
    getQueueLoads(db, names),
    db.query<{ name: string; seconds: number }>({ text: OLDEST, values: [now] }),
  ])
  const waits = new Map(oldest.rows.map(({ name, seconds }) => [name, seconds]))
  return queues.map(({ id, name, capacity }) => {
    const queueLoad = loads.get(name) ?? 0
    const queueUsage = partOf(queueLoad, capacity)
    const oldestWaitSeconds = Math.max(0, waits.get(name) ?? 0)
    return { id, poolId: null, facts: { queueDepth: depths.get(name) ?? 0, queueLoad, queueUsage, oldestWaitSeconds } }
  })
}

/** Every pool. */
export async function poolSubjects(db: Reader): Promise<CapacitySubject[]> {
  const pools = await getPools(db, { ids: null })
  const ids = pools.map(({ id }) => id)
  const use = await getPoolUse(db, ids)
  return pools.map(({ id, totalCpu, totalMemoryBytes }) => {
    const { cpu, memoryBytes } = use.get(id) ?? { cpu: 0, memoryBytes: 0 }
    const facts = { poolCpuUsage: partOf(cpu, totalCpu), poolMemoryUsage: partOf(memoryBytes, totalMemoryBytes) }
    return { id, poolId: null, facts }
  })
}

/** Every machine that was not removed. */
export async function machineSubjects(db: Reader, now: Date): Promise<CapacitySubject[]> {
  const text = 'SELECT id FROM machine WHERE removed_at IS NULL'
  const { rows } = await db.query<{ id: string }>({ text })
  const machines = await getMachines(db, { ids: rows.map(({ id }) => id) })
  return machines.map(({ id, poolId, isOnline, lastSeenAt, createdAt }) => {
    const since = now.getTime() - (lastSeenAt ?? createdAt).getTime()
    return { id, poolId, facts: { machineOfflineSeconds: isOnline ? 0 : Math.max(0, since / 1_000) } }
  })
}

/** Of nothing, all is in use as soon as any is. */
function partOf(used: number, all: number): number {
  if (all > 0) return used / all
  return used > 0 ? 1 : 0
}
