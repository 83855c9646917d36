import type { TriggerRule } from '../dag/definition.js'
import { judge } from '../run/trigger-rules.js'
import { fits, type MachineTerms, NO_MACHINE_NEEDED, type Placement } from './lane.js'

export type WaitCode =
  | 'UPSTREAM'
  | 'SCHEDULED_RETRY'
  | 'RUN_PAUSED'
  | 'QUEUE_PAUSED'
  | 'QUEUE_FULL'
  | 'POOL_CPU'
  | 'POOL_MEMORY'
  | 'MACHINE_OFFLINE'
  | 'MACHINE_FULL'
  | 'NO_MACHINE_MATCHES'
  | 'MAX_PARALLEL'

/** One thing that keeps an instance from starting. */
export interface WaitReason {
  readonly code: WaitCode
  /** For a person. */
  readonly message: string
  /** Of what there is too little; null where nothing is counted. Memory in MB of 10^6 bytes. */
  readonly needed: number | null
  readonly available: number | null
}

/** An instance that has not started: for its rule, for a retry, or for capacity. */
export interface Waiter {
  readonly status: 'PENDING' | 'QUEUED' | 'RETRY_WAIT'
  readonly run: {
    readonly status: string
    readonly maxParallel: number | null
    /** Instances that count against it. */
    readonly activeCount: number
  }
  readonly triggerRule: TriggerRule
  readonly upstream: {
    readonly total: number
    readonly succeeded: number
    readonly failed: number
    readonly skipped: number
    /** The first few that have not ended. */
    readonly open: readonly string[]
  }
  /** RFC 3339. */
  readonly retryAt: string | null
  readonly wish: {
    readonly projectId: string
    readonly queue: string
    readonly placement: Placement
    readonly cpu: number
    readonly memoryBytes: number
  }
}

/** A queue, its pool, and what is free in both. */
export interface QueueRoom {
  readonly status: 'OPEN' | 'PAUSED' | 'DRAINING'
  readonly capacity: number
  readonly held: number
  readonly projectIds: readonly string[]
  readonly pool: {
    readonly id: string
    readonly name: string
    readonly isPaused: boolean
    readonly totalCpu: number
    readonly totalMemoryBytes: number
    readonly freeCpu: number
    readonly freeMemoryBytes: number
    /** What is kept for one that has waited for long; null: nothing is. */
    readonly kept: { readonly cpu: number; readonly memoryBytes: number } | null
  }
}

export interface MachineRoom extends MachineTerms {
  readonly slots: number
  readonly held: number
  /** A dispatcher reaches it, and it takes new work. */
  readonly isReady: boolean
  /** Why it is not; null: nothing is known. */
  readonly trouble: string | null
}

/** What there is to run on, as far as it matters. */
export interface Rooms {
  readonly queues: ReadonlyMap<string, QueueRoom>
  readonly machines: readonly MachineRoom[]
  readonly isDispatcherThere: boolean
}

const SLACK = 1e-6

/**
 * Everything that keeps it from starting at this moment; none: nothing does, and it is about to be taken.
 */
export function waitReasonsOf(waiter: Waiter, rooms: Rooms): WaitReason[] {
  const paused = waiter.run.status === 'PAUSED' ? [reason('RUN_PAUSED', 'Its run is paused')] : []
  switch (waiter.status) {
    case 'PENDING':
      return [...paused, ...pendingReasons(waiter)]
    case 'RETRY_WAIT':
      return [...paused, reason('SCHEDULED_RETRY', `It is tried again at ${waiter.retryAt}`)]
    case 'QUEUED':
      return [...paused, ...queuedReasons(waiter.wish, rooms)]
  }
}

function pendingReasons({ run, triggerRule, upstream }: Waiter): WaitReason[] {
  if (run.status === 'QUEUED') {
    return [reason('MAX_PARALLEL', 'Its run waits for the runs before it, by the schedule or the backfill')]
  }
  const { total, succeeded, failed, skipped, open } = upstream
  // Under skipFailed a failure counts as success; which of the two, the plan says.
  const isReady =
    judge(triggerRule, upstream) === 'READY' ||
    judge(triggerRule, { total, succeeded: succeeded + failed, failed: 0, skipped }) === 'READY'
  const ended = succeeded + failed + skipped
  if (!isReady && ended < total) {
    const more = total - ended - open.length
    const message = `It waits for ${open.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
    return [reason('UPSTREAM', message, total, ended)]
  }
  if (run.maxParallel === null || run.activeCount < run.maxParallel) return []
  const message = `Its run has as many instances under way as it may have at a time (${run.maxParallel})`
  return [reason('MAX_PARALLEL', message, run.activeCount + 1, run.maxParallel)]
}

function queuedReasons(wish: Waiter['wish'], { queues, machines, isDispatcherThere }: Rooms): WaitReason[] {
  const queue = queues.get(wish.queue)
  if (queue === undefined) return [reason('QUEUE_PAUSED', `Queue ${wish.queue} does not exist any more`)]
  const machine =
    wish.placement === NO_MACHINE_NEEDED
      ? dispatcherReasons(isDispatcherThere)
      : machineReasons(wish, queue.pool, machines)
  return [...queueReasons(wish, queue), ...poolReasons(wish, queue.pool), ...machine]
}

function queueReasons({ queue: name, projectId }: Waiter['wish'], queue: QueueRoom): WaitReason[] {
  const reasons: WaitReason[] = []
  if (queue.status === 'PAUSED') reasons.push(reason('QUEUE_PAUSED', `Queue ${name} is paused`))
  if (queue.projectIds.length > 0 && !queue.projectIds.includes(projectId)) {
    reasons.push(reason('QUEUE_PAUSED', `Queue ${name} no longer takes the work of its project`))
  }
  if (queue.pool.isPaused) reasons.push(reason('QUEUE_PAUSED', `Pool ${queue.pool.name} of queue ${name} is paused`))
  const free = queue.capacity - queue.held
  if (free < 1) {
    const message = `Queue ${name} is full: ${queue.held} of ${queue.capacity} are taken`
    reasons.push(reason('QUEUE_FULL', message, 1, Math.max(0, free)))
  }
  return reasons
}

function poolReasons({ cpu, memoryBytes }: Waiter['wish'], pool: QueueRoom['pool']): WaitReason[] {
  const { name, totalCpu, totalMemoryBytes, freeCpu, freeMemoryBytes, kept } = pool
  return [
    ...shortage('POOL_CPU', 'cpus', name, { needed: cpu, total: totalCpu, free: freeCpu, kept: kept?.cpu ?? 0 }),
    ...shortage('POOL_MEMORY', 'MB of memory', name, {
      needed: memoryBytes / 1e6,
      total: totalMemoryBytes / 1e6,
      free: freeMemoryBytes / 1e6,
      kept: (kept?.memoryBytes ?? 0) / 1e6,
    }),
  ]
}

function shortage(
  code: 'POOL_CPU' | 'POOL_MEMORY',
  what: string,
  pool: string,
  { needed, total, free, kept }: { needed: number; total: number; free: number; kept: number },
): WaitReason[] {
  if (needed === 0 || needed <= free - kept + SLACK) return []
  const asks = `It asks for ${shown(needed)} ${what}`
  if (needed > total + SLACK) {
    return [reason(code, `${asks}, pool ${pool} has only ${shown(total)} in all`, needed, Math.max(0, free))]
  }
  if (needed > free + SLACK) {
    return [reason(code, `${asks}, pool ${pool} has ${shown(Math.max(0, free))} left`, needed, Math.max(0, free))]
  }
  const message = `${asks}, what pool ${pool} has left is kept for one that asks for ${shown(kept)} and has waited longer`
  return [reason(code, message, needed, Math.max(0, free - kept))]
}

function dispatcherReasons(isThere: boolean): WaitReason[] {
  return isThere ? [] : [reason('MACHINE_OFFLINE', 'No dispatcher runs at the moment')]
}

function machineReasons(
  { placement, projectId }: Waiter['wish'],
  pool: QueueRoom['pool'],
  machines: readonly MachineRoom[],
): WaitReason[] {
  const fitting = machines.filter((machine) => fits(placement, projectId, pool.id, machine))
  if (fitting.length === 0) return [reason('NO_MACHINE_MATCHES', noMatch(placement, pool.name, machines))]
  const ready = fitting.filter(({ isReady }) => isReady)
  if (ready.length === 0) {
    const [first] = fitting
    const why = fitting.length === 1 && first?.trouble ? ` (${first.trouble})` : ''
    const message =
      fitting.length === 1
        ? `Machine ${first?.name} is not ready${why}`
        : `None of the ${fitting.length} machines that would do is ready`
    return [reason('MACHINE_OFFLINE', message)]
  }
  if (ready.some(({ slots, held }) => held < slots)) return []
  const slots = ready.reduce((sum, machine) => sum + machine.slots, 0)
  const whose = ready.length === 1 ? `machine ${ready[0]?.name}` : `the ${ready.length} machines that would do`
  return [reason('MACHINE_FULL', `All ${slots} slots of ${whose} are taken`, 1, 0)]
}

function noMatch(placement: Placement, pool: string, machines: readonly MachineRoom[]): string {
  if (placement.startsWith('+')) {
    return `No machine of pool ${pool} takes its project's work and has the labels ${placement.slice(1).split('+').join(', ')}`
  }
  if (placement === '') return `No machine of pool ${pool} takes its project's work`
  const isThere = machines.some(({ name }) => name === placement)
  return isThere
    ? `Machine ${placement} does not take its project's work`
    : `Machine ${placement} does not exist any more`
}

function reason(
  code: WaitCode,
  message: string,
  needed: number | null = null,
  available: number | null = null,
): WaitReason {
  return { code, message, needed, available }
}

function shown(amount: number): string {
  return String(Math.round(amount * 1_000) / 1_000)
}
