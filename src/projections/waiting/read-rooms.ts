import type { MachineRoom, QueueRoom, Rooms, Waiter } from '../../domain/queue/wait-reasons.js'
import { findMachines, type MachineRow, takesWork } from '../capacity/capacity-rows.js'
import { findQueueTerms, type QueueTerms } from '../capacity/find-names.js'
import { getMachineLoads, getPoolUse, getQueueLoads } from '../capacity/get-use.js'
import type { Reader } from '../list.js'
import { LANES } from './list-pending.js'

const DISPATCHER = `
  SELECT EXISTS (SELECT FROM node WHERE 'dispatcher' = ANY(roles) AND lease_expires_at > now()) AS "isThere"`

/** Of each pool the oldest head of a lane that has waited a minute for what is free there alone: about as claims keep room. */
const KEPT = `${LANES}
  SELECT DISTINCT ON (q.pool_id) q.pool_id AS id, lane.cpu, lane.memory_bytes AS "memoryBytes"
  FROM unnest($1::text[], $2::float8[], $3::float8[]) AS room(pool_id, cpu, memory)
  JOIN pool p ON p.id = room.pool_id AND p.status = 'ACTIVE' JOIN queue q ON q.pool_id = p.id AND q.status <> 'PAUSED'
    AND q.capacity > (SELECT count(*) FROM queue_hold h WHERE h.queue = q.name)
  JOIN lane ON lane.queue = q.name AND (q.project_ids = '{}' OR lane.project_id = ANY(q.project_ids)) AND lane.cpu <= p.total_cpu + 1e-6 AND lane.memory_bytes <= p.total_memory_bytes
    AND (lane.cpu > room.cpu + 1e-6 OR lane.memory_bytes > room.memory)
  CROSS JOIN LATERAL (
    SELECT e.rank, e.instance_id, e.queued_at FROM queue_entry e
    WHERE NOT e.is_held AND e.queue = lane.queue AND e.project_id = lane.project_id AND e.placement = lane.placement
      AND e.cpu = lane.cpu AND e.memory_bytes = lane.memory_bytes
    ORDER BY e.rank, e.instance_id LIMIT 1) AS head
  WHERE head.queued_at < now() - interval '1 minute' AND could_start(lane.placement, lane.project_id, q.pool_id, '{}')
  ORDER BY q.pool_id, head.rank - make_interval(mins => q.priority), head.instance_id`

type Kept = QueueRoom['pool']['kept']

/** What there is for these wishes, in a number of statements that does not grow with theirs. */
export async function readRooms(db: Reader, wishes: readonly Waiter['wish'][]): Promise<Rooms> {
  if (wishes.length === 0) return { queues: new Map(), machines: [], isDispatcherThere: true }
  const names = [...new Set(wishes.map(({ queue }) => queue))]
  const [terms, loads, dispatcher] = await Promise.all([
    findQueueTerms(db, names),
    getQueueLoads(db, names),
    db.query<{ isThere: boolean }>({ text: DISPATCHER }),
  ])
  const poolIds = [...new Set([...terms.values()].map(({ poolId }) => poolId))]
  const placements = [...new Set(wishes.map(({ placement }) => placement))]
  const [use, machines] = await Promise.all([getPoolUse(db, poolIds), findMachines(db, poolIds, placements)])
  const free = new Map([...terms.values()].map((queue) => [queue.poolId, freeOf(queue, use)]))
  const [held, kept] = await Promise.all([
    getMachineLoads(
      db,
      machines.map(({ id }) => id),
    ),
    keptOf(db, free),
  ])
  return {
    queues: new Map(
      [...terms].map(([name, queue]) => {
        const room = free.get(queue.poolId) as Free
        return [name, queueRoom(queue, loads.get(name) ?? 0, room, kept.get(queue.poolId) ?? null)]
      }),
    ),
    machines: machines.map((machine) => machineRoom(machine, held.get(machine.id) ?? 0)),
    isDispatcherThere: dispatcher.rows[0]?.isThere === true,
  }
}

interface Free {
  readonly freeCpu: number
  readonly freeMemoryBytes: number
}

function freeOf({ poolId, totalCpu, totalMemoryBytes }: QueueTerms, use: Awaited<ReturnType<typeof getPoolUse>>): Free {
  const { cpu, memoryBytes } = use.get(poolId) ?? { cpu: 0, memoryBytes: 0 }
  return { freeCpu: totalCpu - cpu, freeMemoryBytes: totalMemoryBytes - memoryBytes }
}

async function keptOf(db: Reader, free: ReadonlyMap<string, Free>): Promise<Map<string, Kept>> {
  const rooms = [...free.values()]
  const values = [[...free.keys()], rooms.map((room) => room.freeCpu), rooms.map((room) => room.freeMemoryBytes)]
  const { rows } = await db.query<{ id: string; cpu: number; memoryBytes: number }>({ text: KEPT, values })
  return new Map(rows.map(({ id, cpu, memoryBytes }) => [id, { cpu, memoryBytes }]))
}

function queueRoom(queue: QueueTerms, held: number, free: Free, kept: Kept): QueueRoom {
  const { status, capacity, projectIds, poolId: id, poolName: name, poolStatus, totalCpu, totalMemoryBytes } = queue
  const pool = { id, name, isPaused: poolStatus === 'PAUSED', totalCpu, totalMemoryBytes, ...free, kept }
  return { status, capacity, held, projectIds, pool }
}

function machineRoom(machine: MachineRow, held: number): MachineRoom {
  const { name, poolId, labels, projectIds, slots, isOnline, isDraining, isQuarantined, lastError } = machine
  const isReady = takesWork(machine)
  const state = isQuarantined ? 'quarantined' : isDraining ? 'draining' : isOnline ? null : 'offline'
  return { name, poolId, labels, projectIds, slots, held, isReady, trouble: state ?? lastError }
}
