import { fits, NO_MACHINE_NEEDED } from '../domain/queue/lane.js'
import type { Candidate, Offer, OfferedMachine } from './candidate.js'
import type { Capacity } from './look-for-work.js'

/** Sums of fractions of a cpu are not exact; a millionth of a cpu is nobody's. */
const CPU_SLACK = 1e-6

export interface Picked {
  readonly candidate: Candidate
  readonly machine: OfferedMachine | null
}

/**
 * Who may start now: candidates in the order of their rank, each if its queue, its pool and a machine have room left
 * after those before it. One that does not fit is passed over; its rank keeps its place for the next time.
 */
export function pick(candidates: readonly Candidate[], capacity: Capacity, offer: Offer): Picked[] {
  const left = new Left(capacity, offer)
  const picked: Picked[] = []
  const rank = ({ rank, queue }: Candidate) => rank - (capacity.queues.get(queue)?.priority ?? 0) * 60_000
  const ranked = [...candidates].sort((a, b) => rank(a) - rank(b) || (a.instanceId < b.instanceId ? -1 : 1))
  for (const candidate of ranked) {
    if (picked.length >= offer.limit) break
    const machine = left.take(candidate)
    if (machine !== undefined) picked.push({ candidate, machine })
  }
  return picked
}

/** What is left while the picking goes on. */
class Left {
  readonly #queues: Map<string, { poolId: string; free: number }>
  readonly #pools: Map<string, { freeCpu: number; freeMemoryBytes: number }>
  readonly #slots: Map<string, number>
  readonly #terms: Capacity['slots']
  readonly #machines: readonly OfferedMachine[]

  constructor(capacity: Capacity, offer: Offer) {
    this.#queues = new Map([...capacity.queues].map(([name, queue]) => [name, { ...queue }]))
    this.#pools = new Map([...capacity.pools].map(([id, pool]) => [id, { ...pool }]))
    this.#slots = new Map([...capacity.slots].map(([id, { free }]) => [id, free]))
    this.#terms = capacity.slots
    this.#machines = offer.machines
  }

  /** The machine it gets, null where it needs none; undefined: it does not fit. */
  take(candidate: Candidate): OfferedMachine | null | undefined {
    const { queue: name, placement, cpu, memoryBytes } = candidate
    const queue = this.#queues.get(name)
    const pool = queue && this.#pools.get(queue.poolId)
    if (!queue || !pool || queue.free < 1) return undefined
    if (pool.freeCpu + CPU_SLACK < cpu || pool.freeMemoryBytes < memoryBytes) return undefined
    const machine = placement === NO_MACHINE_NEEDED ? null : this.#freest(candidate, queue.poolId)
    if (machine === undefined) return undefined
    queue.free -= 1
    pool.freeCpu -= cpu
    pool.freeMemoryBytes -= memoryBytes
    if (machine !== null) this.#slots.set(machine.id, this.#slotsOf(machine) - 1)
    return machine
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
