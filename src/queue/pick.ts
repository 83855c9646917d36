import { fits, NO_MACHINE_NEEDED } from '../domain/queue/lane.js'
import type { Candidate, Offer, OfferedMachine } from './candidate.js'
import { inFairOrder } from './fair-order.js'
import type { Capacity } from './look-for-work.js'
import { Turns } from './turns.js'

/** Sums of fractions of a cpu are not exact; a millionth of a cpu is nobody's. */
const CPU_SLACK = 1e-6

export interface Picked {
  readonly candidate: Candidate
  readonly machine: OfferedMachine | null
}

/**
 * Who may start now: candidates as their turn comes, each if its queue, its pool and a machine have room left after those
 * before it. One that does not fit is passed over; its rank keeps its place for the next time. The first of a pool that has
 * waited too long for cpu or memory keeps its room: what comes after it may start only beside it.
 */
export function pick(
  candidates: readonly Candidate[],
  capacity: Capacity,
  offer: Offer,
  turns: Turns = new Turns(),
): Picked[] {
  const left = new Left(capacity, offer)
  const picked: Picked[] = []
  for (const candidate of inFairOrder(candidates, capacity, turns)) {
    if (picked.length >= offer.limit) break
    const machine = left.take(candidate)
    if (machine !== undefined) picked.push({ candidate, machine })
  }
  return picked
}

/** What is left while the picking goes on. */
class Left {
  readonly #queues: Map<string, { poolId: string; free: number; projectIds: readonly string[] }>
  readonly #pools: Map<string, { freeCpu: number; freeMemoryBytes: number }>
  readonly #slots: Map<string, number>
  readonly #terms: Capacity['slots']
  readonly #machines: readonly OfferedMachine[]
  /** Pools whose room is kept for one that does not fit. */
  readonly #kept = new Set<string>()

  constructor(capacity: Capacity, offer: Offer) {
    this.#queues = new Map([...capacity.queues].map(([name, queue]) => [name, { ...queue }]))
    this.#pools = new Map([...capacity.pools].map(([id, pool]) => [id, { ...pool }]))
    this.#slots = new Map([...capacity.slots].map(([id, { free }]) => [id, free]))
    this.#terms = capacity.slots
    this.#machines = offer.machines
  }

  /** The machine it gets, null where it needs none; undefined: it does not fit. */
  take(candidate: Candidate): OfferedMachine | null | undefined {
    const { queue: name, projectId, placement, cpu, memoryBytes } = candidate
    if (candidate.isStuck) return this.#keep(candidate)
    const queue = this.#queues.get(name)
    const pool = queue && this.#pools.get(queue.poolId)
    if (!queue || !pool || queue.free < 1) return undefined
    if (queue.projectIds.length > 0 && !queue.projectIds.includes(projectId)) return undefined
    // What asks for nothing may start in a pool that has less than nothing left.
    const isShort =
      (cpu > 0 && pool.freeCpu + CPU_SLACK < cpu) || (memoryBytes > 0 && pool.freeMemoryBytes < memoryBytes)
    if (isShort) return candidate.isOverdue ? this.#keep(candidate) : undefined
    const machine = placement === NO_MACHINE_NEEDED ? null : this.#freest(candidate, queue.poolId)
    if (machine === undefined) return undefined
    queue.free -= 1
    pool.freeCpu -= cpu
    pool.freeMemoryBytes -= memoryBytes
    if (machine !== null) this.#slots.set(machine.id, this.#slotsOf(machine) - 1)
    return machine
  }

  /** Takes its wish out of its pool, the first of them, and gives it nothing. */
  #keep({ queue, cpu, memoryBytes }: Candidate): undefined {
    const poolId = this.#queues.get(queue)?.poolId ?? ''
    const pool = this.#pools.get(poolId)
    if (pool === undefined || this.#kept.has(poolId)) return
    this.#kept.add(poolId)
    pool.freeCpu -= cpu
    pool.freeMemoryBytes -= memoryBytes
  }

  /** Of the machines that would do, the one with most free slots. */
  #freest({ placement, projectId }: Candidate, poolId: string): OfferedMachine | undefined {
    const fitting = this.#machines.filter((machine) => {
      const terms = this.#terms.get(machine.id)
      return (
        terms !== undefined &&
        this.#slotsOf(machine) > 0 &&
        fits(placement, projectId, poolId, { ...terms, ...machine })
      )
    })
    return fitting.sort((a, b) => this.#slotsOf(b) - this.#slotsOf(a))[0]
  }

  #slotsOf(machine: OfferedMachine): number {
    return this.#slots.get(machine.id) ?? 0
  }
}
